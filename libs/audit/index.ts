export { listAuditEvents, noNote, noteOf, type Actor, type Deed, type Note } from './audit.ts';
