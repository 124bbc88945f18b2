import { createClient } from '#libs/sdk';
import { demoItems } from './data.ts';

const DEMO = 'demo';

/**
 * Fills the project of a first start with something to look at, through the same API that everybody
 * uses: a dataset, the recorded answers of two imaginary assistants, and a run for each. Called again at
 * the next start when it fails; where a run of the demo is there already, it leaves things alone.
 */
export async function seedDemo({
  url,
  adminKey,
}: {
  url: string;
  adminKey: string;
}): Promise<void> {
  const client = createClient({ baseUrl: url, key: adminKey });
  const { items: runs } = await client.listRuns();
  if (runs.some(({ tags }) => tags.includes(DEMO))) return;
  const dataset = await client.createDataset({
    body: {
      name: 'Demo: everyday arithmetic',
      description:
        'Illustrative data, written by hand for this demo. No real model was asked; the scores say nothing about any.',
    },
  });
  await client.createDatasetVersion({
    params: { id: dataset.id },
    contentType: 'application/x-ndjson',
    body: lines(
      demoItems.map(({ key, topic, question, answer, solution }) => ({
        key,
        input: { question },
        expected: { answer, solution },
        metadata: { source: 'illustrative demo data' },
        tags: [topic],
      })),
    ),
  });
  for (const assistant of ['hasty', 'careful'] as const) {
    const recording = await client.createRecording({
      query: { name: `Demo: the ${assistant} assistant (illustrative)` },
      contentType: 'application/x-ndjson',
      body: lines(demoItems.map((item) => ({ key: item.key, output: item[assistant] }))),
    });
    await client.submitRun({
      body: {
        name: `Demo: the ${assistant} assistant`,
        datasetId: dataset.id,
        target: { kind: 'recorded', recordingId: recording.id },
        metrics: [
          { metric: 'numeric_match', name: 'correct', expected: 'answer', extract: 'Answer: (.*)' },
          { metric: 'regex_match', name: 'answer_line', config: { pattern: 'Answer: ' } },
          { metric: 'levenshtein_similarity', name: 'close_to_solution', expected: 'solution' },
        ],
        tags: [DEMO, 'illustrative'],
        metadata: { note: 'Illustrative data; no real model was asked.' },
      },
    });
  }
}

const lines = (values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('');
