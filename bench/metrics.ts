import type { Json } from '#libs/contracts';
import type { MetricCase, MetricDefinition } from '#libs/evaluation';
import { compileMetric, metricCatalogue } from '#libs/metrics';
import { createOutgoingHttp } from '#libs/outgoing';
import { createSandbox } from '#libs/sandbox';

const ITEMS = 100_000;
/** Different items; more of them would measure their making and not their scoring. */
const DISTINCT = 1_000;

const words =
  'the train leaves every morning at seven and reaches its last stop before noon so that all who ride it can add three to the number of tickets they bought on Monday divided by two'.split(
    ' ',
  );

/** About thirty words; the expected text has every fifth of them changed. */
function sentences(index: number): { output: string; expected: string } {
  const chosen = Array.from(
    { length: 30 },
    (_, place) => words[(index * 7 + place * (1 + (index % 5))) % words.length] ?? '',
  );
  const changed = chosen.map((word, place) => (place % 5 === index % 5 ? `${word}s` : word));
  return { output: `${chosen.join(' ')}.`, expected: `${changed.join(' ')}.` };
}

/** Metrics of texts get sentences, all others go round their own examples. */
function casesFor({ family, examples }: MetricDefinition): MetricCase[] {
  const own = examples.filter(({ config }) => sameConfig(config, examples[0]?.config));
  return Array.from({ length: DISTINCT }, (_, index) => {
    if (family === 'text' || family === 'overlap') return { input: null, ...sentences(index) };
    return { input: null, expected: undefined, output: null, ...own[index % own.length] };
  });
}

const sameConfig = (a: Json | undefined, b: Json | undefined): boolean =>
  JSON.stringify(a ?? {}) === JSON.stringify(b ?? {});

/**
 * 100,000 items through every metric that is computed here, in one process, by the configuration of its
 * first example; the median of `rounds`. Errors count as failures of the bench.
 */
export async function benchMetrics(rounds: number): Promise<void> {
  const sandbox = createSandbox();
  const http = createOutgoingHttp({ allow: [] });
  // Metrics that ask models are left out.
  const away = () => Promise.reject(new Error('no metric of this bench asks a model'));
  const models = { generate: away, embed: away };
  const { signal } = new AbortController();
  console.log('items/s   metric');
  for (const definition of metricCatalogue.values()) {
    if (definition.work === 'network') continue;
    const config = definition.examples[0]?.config ?? {};
    const scorer = compileMetric({ metric: definition.name, config }, 0, { sandbox, http, models });
    const cases = casesFor(definition);
    const speeds: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const start = performance.now();
      for (let index = 0; index < ITEMS; index += 1) {
        const item = cases[index % DISTINCT];
        if (!item) continue;
        const score = scorer.score(item, signal);
        const settled = score instanceof Promise ? await score : score;
        if (settled.outcome === 'error') throw new Error(`${definition.name}: ${settled.reason}`);
      }
      speeds.push((ITEMS / (performance.now() - start)) * 1000);
    }
    const median = speeds.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
    console.log(`${median.toFixed(0).padStart(9)} ${definition.name}`);
  }
  await sandbox.close();
  await http.close();
}
