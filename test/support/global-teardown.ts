import { running } from './running.ts';

/** Stops what the global setup started, and with it removes their folders. */
export default async function teardown(): Promise<void> {
  await Promise.all(running.splice(0).map((service) => service.stop()));
}
