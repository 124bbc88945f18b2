export { createSealing, SealError, type Sealed, type SealedPlace, type Sealing } from './seal.ts';
