import { expect, test } from '@jest/globals';
import { createClient, paginate, type Client } from './index.ts';

const id = '0199a7a4-3c1e-7bb2-9f0e-5a3a2f1f7c11';

/** Compiled and never called: the compiler refuses this file where a marked line is accepted. */
async function whatTheTypesRefuse(client: Client): Promise<unknown[]> {
  const run = await client.getRun({ params: { id } });
  const state: 'queued' | 'running' | 'paused' | 'completed' | 'failed' | 'canceled' = run.state;
  const nothing: undefined = await client.signOut();
  const file: ReadableStream<Uint8Array> = await client.exportDatasetVersion({
    params: { id, version: 1 },
  });
  // @ts-expect-error a download is not parsed
  const parsed: { items: unknown[] } = file;
  // @ts-expect-error params are missing
  await client.getRun({});
  // @ts-expect-error coercion must not let anything through
  await client.listRuns({ query: { limit: {} } });
  // @ts-expect-error a body that streams needs its media type
  await client.createDatasetVersion({ params: { id }, body: '' });
  // @ts-expect-error not a media type of this operation
  await client.createRecording({ query: { name: 'x' }, contentType: 'text/csv', body: '' });
  // @ts-expect-error a list without a cursor has no pages
  const pages = paginate(client.listRunMetrics, { params: { id } });
  return [state, nothing, parsed, pages];
}

test('the client is typed by the contract alone', () => {
  expect(whatTheTypesRefuse).toBeInstanceOf(Function);
  expect(createClient({ baseUrl: '' }).listRuns).toBeInstanceOf(Function);
});
