import { startTopology } from './topology.ts';

type MediaType = 'text/csv' | 'application/x-ndjson';

interface Measurement {
  linesPerSecond: number;
  apiPeakBytes: number;
}

const SMALL = 100_000;
const LARGE = 1_000_000;
const LINES_PER_CHUNK = 1_000;

const formats: { name: string; mediaType: MediaType; header: string; line: Line }[] = [
  {
    name: 'CSV',
    mediaType: 'text/csv',
    header: 'key,input,expected\n',
    line: (index) => `item-${index},${question(index)},${index * 2}\n`,
  },
  {
    name: 'CSV, quoted',
    mediaType: 'text/csv',
    header: 'key,input,expected\n',
    line: (index) => `item-${index},"${question(index)} ""Now"", please.","${index * 2}"\n`,
  },
  {
    name: 'NDJSON',
    mediaType: 'application/x-ndjson',
    header: '',
    line: (index) =>
      `{"key":"item-${index}","input":"${question(index)}","expected":"${index * 2}"}\n`,
  },
];

type Line = (index: number) => string;

const question = (index: number): string =>
  `How much is ${index} plus ${index}? Think step by step and give the number alone.`;

/**
 * A dataset of a million lines of three columns in each format, generated as it is sent, each in a fresh
 * topology; and what a tenth of them needs in memory. The median of `rounds`.
 */
export async function benchImport(rounds: number): Promise<void> {
  console.log(`one API on its own PostgreSQL; ${LARGE} lines, median of ${rounds}`);
  console.log('format         lines/s   API peak   over the peak of a tenth of the lines');
  for (const { name, mediaType, header, line } of formats) {
    const large: Measurement[] = [];
    const small: Measurement[] = [];
    for (let round = 0; round < rounds; round += 1) {
      small.push(await measure(mediaType, header, line, SMALL));
      large.push(await measure(mediaType, header, line, LARGE));
    }
    const peak = median(large.map(({ apiPeakBytes }) => apiPeakBytes));
    const ratio = peak / median(small.map(({ apiPeakBytes }) => apiPeakBytes));
    const speed = median(large.map(({ linesPerSecond }) => linesPerSecond)).toFixed(0);
    const megabytes = `${(peak / 2 ** 20).toFixed(0)} MB`;
    const more = `${((ratio - 1) * 100).toFixed(1)} %`;
    console.log(`${name.padEnd(12)} ${speed.padStart(9)} ${megabytes.padStart(10)}   ${more}`);
  }
}

async function measure(
  contentType: MediaType,
  header: string,
  line: Line,
  count: number,
): Promise<Measurement> {
  const topology = await startTopology('embedded');
  try {
    const { client } = topology;
    const { id } = await client.createDataset({ body: { name: 'bench' } });
    const start = performance.now();
    const { itemCount } = await client.createDatasetVersion({
      params: { id },
      contentType,
      body: chunks(header, line, count),
    });
    const seconds = (performance.now() - start) / 1000;
    if (itemCount !== count) throw new Error(`${itemCount} of ${count} lines were stored`);
    const { api } = await topology.peakMemory();
    return { linesPerSecond: count / seconds, apiPeakBytes: api };
  } finally {
    await topology.stop();
  }
}

async function* chunks(header: string, line: Line, count: number): AsyncGenerator<Uint8Array> {
  yield Buffer.from(header);
  for (let from = 0; from < count; from += LINES_PER_CHUNK) {
    const length = Math.min(LINES_PER_CHUNK, count - from);
    yield Buffer.from(Array.from({ length }, (_, at) => line(from + at)).join(''));
  }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
