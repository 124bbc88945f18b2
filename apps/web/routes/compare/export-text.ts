import type { Comparison } from '#libs/contracts';

const columns = [
  'candidate',
  'candidate_id',
  'metric',
  'outcome',
  'paired',
  'baseline_mean',
  'candidate_mean',
  'difference',
  'low',
  'high',
  'p',
  'p_holm',
  'p_benjamini_hochberg',
  'bootstrap_low',
  'bootstrap_high',
  'sign_flip_p',
  'wins',
  'ties',
  'losses',
  'unpaired',
  'verdict',
] as const;

/** A row for each metric of each candidate, and the names of the columns before them. */
export function rowsOf({ runs, result }: Comparison): (string | number | null)[][] {
  const rows = (result?.candidates ?? []).flatMap(({ runId, metrics }) =>
    metrics.map((metric) => [
      runs.find(({ id }) => id === runId)?.name ?? '',
      runId,
      metric.metric,
      metric.verdict.outcome,
      metric.pairing.paired,
      metric.baseline.mean,
      metric.candidate.mean,
      metric.difference,
      metric.interval?.low ?? null,
      metric.interval?.high ?? null,
      metric.test.p,
      metric.test.holm,
      metric.test.benjaminiHochberg,
      metric.resampled?.interval?.low ?? null,
      metric.resampled?.interval?.high ?? null,
      metric.resampled?.signFlip?.p ?? null,
      metric.wins,
      metric.ties,
      metric.losses,
      metric.pairing.unpaired,
      metric.verdict.sentence,
    ]),
  );
  return [[...columns], ...rows];
}

/** Cells as RFC 4180 has them; what a spreadsheet would run as a formula is kept from that by a quote. */
export const csvOf = (rows: readonly (readonly (string | number | null)[])[]): string =>
  rows.map((row) => row.map(cellOf).join(',')).join('\r\n');

function cellOf(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Gives the browser a file to keep. */
export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
