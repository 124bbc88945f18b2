export { createProviders, type Providers } from './providers.ts';
export { resealAll, type Resealed } from './reseal.ts';
export { testProvider } from './test-provider.ts';
export { warnOfUnopened } from './unopened.ts';
