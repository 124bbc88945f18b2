import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { benchCalibration } from './calibration.ts';
import { benchComparisons } from './comparisons.ts';
import { benchCrowd } from './crowd.ts';
import { benchEndpoint } from './endpoint.ts';
import { benchImport } from './import.ts';
import { benchInterface } from './interface.ts';
import { benchLimits } from './limits.ts';
import { benchMetrics } from './metrics.ts';
import { benchRuns } from './runs.ts';
import { benchSockets } from './sockets.ts';

/** What is measured, each part by its name. */
const parts: Record<string, (rounds: number) => Promise<void>> = {
  runs: benchRuns,
  crowd: benchCrowd,
  endpoint: benchEndpoint,
  comparisons: benchComparisons,
  metrics: benchMetrics,
  import: benchImport,
  limits: benchLimits,
  calibration: benchCalibration,
  sockets: benchSockets,
  interface: benchInterface,
};

// `npm run bench [-- rounds] [-- --only part]`: three rounds of everything, unless told otherwise.
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' } },
});
const rounds = Number(positionals[0] ?? 3);
const chosen = Object.entries(parts).filter(
  ([name]) => values.only === undefined || values.only === name,
);
if (!Number.isSafeInteger(rounds) || rounds < 1 || chosen.length === 0) {
  throw new Error(`usage: npm run bench [-- rounds] [--only ${Object.keys(parts).join('|')}]`);
}

const [cpu] = cpus();
console.log(
  `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
);
for (const [name, measure] of chosen) {
  console.log(`\n# ${name}`);
  await measure(rounds);
}
