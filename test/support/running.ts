import type { TestService } from './services.ts';

/** What the global setup started and the global teardown, in the same process, stops. */
export const running: TestService[] = [];
