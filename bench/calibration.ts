import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { addUp, type Job, type Tally } from './calibration/simulate.ts';
import { measures, studies, type Measure, type Table } from './calibration/studies.ts';

/** Parts of a row, each from a seed of its own: the same numbers on any number of cores. */
const PARTS = 10;

const tallies = z.array(
  z.object({
    measure: z.enum(measures),
    method: z.string(),
    replications: z.int(),
    happened: z.int(),
    silent: z.int(),
    width: z.number(),
  }),
);

/**
 * Whether the intervals and tests of `libs/statistics` keep what they promise, on data whose truth is
 * known: what docs/STATISTICS.md shows, as Markdown. More rounds are more replications.
 */
export async function benchCalibration(rounds: number): Promise<void> {
  const threads = Array.from(
    { length: availableParallelism() },
    () => new Worker(new URL('calibration/worker.ts', import.meta.url)),
  );
  let seed = 0;
  for (const [study, { rows, tables }] of studies.entries()) {
    const jobs = rows.flatMap(({ replications: { closed, permutations, bootstrap } }, row) =>
      Array.from({ length: PARTS * rounds }, () => ({
        study,
        row,
        seed: seed++,
        replications: {
          closed: closed / PARTS,
          permutations: permutations / PARTS,
          bootstrap: bootstrap / PARTS,
        },
      })),
    );
    const parts = await simulateAll(threads, jobs);
    const results = rows.map(({ labels }, row) => ({
      labels,
      tallies: addUp(parts.filter((_, place) => jobs[place]?.row === row)),
    }));
    for (const table of tables) {
      console.log(`\n### ${table.title}\n\n${markdownOf(table, results)}`);
    }
  }
  await Promise.all(threads.map((thread) => thread.terminate()));
}

/** Gives each thread a job after the other; the answers are in the order of the jobs. */
async function simulateAll(threads: readonly Worker[], jobs: readonly Job[]): Promise<Tally[][]> {
  const answers = jobs.map((): Tally[] => []);
  const open = jobs.entries();
  await Promise.all(
    threads.map(async (thread) => {
      for (const [place, job] of open) {
        thread.postMessage(job, []);
        const [message]: unknown[] = await once(thread, 'message');
        answers[place] = tallies.parse(message);
      }
    }),
  );
  return answers;
}

function markdownOf(
  { head, measures: shown }: Table,
  results: readonly { labels: readonly string[]; tallies: readonly Tally[] }[],
): string {
  // What is found of a true difference stands beside what is found where there is none.
  const main = shown.filter((measure) => measure !== 'finds');
  const columns = new Map<string, { measure: Measure; method: string }>();
  for (const measure of main) {
    for (const { tallies: ofRow } of results) {
      for (const { measure: of, method } of ofRow) {
        if (of === measure) columns.set(`${measure} ${method}`, { measure, method });
      }
    }
  }
  const heading = [...head, ...[...columns.values()].map(({ method }) => method)];
  const lines = results.map(({ labels, tallies: ofRow }) => {
    const tallyOf = (measure: Measure, method: string) =>
      ofRow.find((tally) => tally.measure === measure && tally.method === method);
    const cells = [...columns.values()].map(({ measure, method }) => {
      const tally = tallyOf(measure, method);
      const found = shown.includes('finds') ? tallyOf('finds', method) : undefined;
      return tally ? cellOf(tally, found) : '';
    });
    return [...labels, ...cells];
  });
  const rule = heading.map((_, place) => (place < head.length ? '---' : '--:'));
  return [heading, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function cellOf(tally: Tally, found: Tally | undefined): string {
  const said = tally.replications - tally.silent;
  const share = (100 * tally.happened) / said;
  const remarks = [share.toFixed(1), wordFor(tally.measure, share, said)];
  if (tally.measure === 'covers' && tally.width > 0) {
    remarks.push(`· ${(tally.width / said).toPrecision(2)}`);
  }
  if (found) remarks.push(`(${((100 * found.happened) / found.replications).toFixed(0)})`);
  if (tally.silent >= tally.replications / 200) {
    remarks.push(`none in ${((100 * tally.silent) / tally.replications).toFixed(0)} %`);
  }
  return remarks.filter((remark) => remark !== '').join(' ');
}

/** What a share in percent is where it is not as promised; doubtful where chance may have made it so. */
function wordFor(measure: Measure, share: number, replications: number): string {
  const doubt = 2 * Math.sqrt((95 * 5) / replications);
  const outside = (by: number, word: string): string =>
    by <= 0 ? '' : by <= doubt ? `${word}?` : word;
  if (measure === 'exact') return share - 5 <= doubt ? '' : 'too often';
  if (measure === 'covers') {
    return share < 92 ? 'too narrow' : outside(94 - share, 'narrow') || outside(share - 96, 'wide');
  }
  const often = outside(share - 6, 'too often');
  return measure === 'errs' ? often : outside(4 - share, 'cautious') || often;
}
