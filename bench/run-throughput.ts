import type { Client } from '#libs/sdk';
import { lines } from './lines.ts';
import { startTopology, type Backend } from './topology.ts';

export interface Measurement {
  backend: Backend;
  items: number;
  /** From the call that submits to the first answer that says `completed`. */
  seconds: number;
  itemsPerSecond: number;
  apiPeakBytes: number;
  workerPeakBytes: number;
}

const LOOK_EVERY_MS = 10;

/**
 * One run of recorded outputs with one metric, in a fresh topology: the first run of its processes, so
 * that what they load and compile on first use is in the figure.
 */
export async function measureRun(backend: Backend, items: number): Promise<Measurement> {
  const topology = await startTopology(backend);
  try {
    const { datasetId, recordingId } = await upload(topology.client, items);
    const start = performance.now();
    const run = await topology.client.submitRun({
      body: {
        name: `bench ${items}`,
        datasetId,
        target: { kind: 'recorded', recordingId },
        metrics: [{ metric: 'numeric_match', expected: 'answer', extract: 'A: (.*)' }],
      },
    });
    const finished = await waitUntilFinished(topology.client, run.id);
    const seconds = (performance.now() - start) / 1000;
    const right = finished.summary[0]?.mean;
    if (finished.done !== items || finished.failed !== 0 || right !== 0.75) {
      throw new Error(`the run went wrong: ${JSON.stringify(finished)}`);
    }
    const peak = await topology.peakMemory();
    return {
      backend,
      items,
      seconds,
      itemsPerSecond: items / seconds,
      apiPeakBytes: peak.api,
      workerPeakBytes: peak.worker,
    };
  } finally {
    await topology.stop();
  }
}

async function waitUntilFinished(client: Client, id: string) {
  for (;;) {
    const run = await client.getRun({ params: { id } });
    if (run.state !== 'queued' && run.state !== 'running') return run;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** Uploads a dataset of sums and recorded answers, of which three of four are right. */
export async function upload(
  client: Client,
  items: number,
): Promise<{ datasetId: string; recordingId: string }> {
  const dataset = await client.createDataset({ body: { name: 'bench' } });
  await client.createDatasetVersion({
    params: { id: dataset.id },
    contentType: 'application/x-ndjson',
    body: lines(items, (index) => ({
      key: `item-${index}`,
      input: {
        question: `How much is ${index} plus ${index}? ${'Think step by step. '.repeat(5)}`,
      },
      expected: { answer: String(index * 2) },
    })),
  });
  const recording = await client.createRecording({
    query: { name: 'bench' },
    contentType: 'application/x-ndjson',
    body: lines(items, (index) => ({
      key: `item-${index}`,
      // Three of four are right, so that a run that scores nothing cannot pass for a fast one.
      output: `${'We add the number to itself. '.repeat(7)}\nA: ${index * 2 + (index % 4 === 0 ? 1 : 0)}`,
    })),
  });
  return { datasetId: dataset.id, recordingId: recording.id };
}
