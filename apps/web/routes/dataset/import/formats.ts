import type { ItemMediaType } from '#libs/contracts';

export const formats: { mediaType: ItemMediaType; name: string; endings: string[] }[] = [
  { mediaType: 'text/csv', name: 'CSV', endings: ['csv', 'txt'] },
  { mediaType: 'text/tab-separated-values', name: 'TSV', endings: ['tsv', 'tab'] },
  {
    mediaType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    name: 'Excel (XLSX)',
    endings: ['xlsx'],
  },
  { mediaType: 'application/x-ndjson', name: 'NDJSON', endings: ['ndjson', 'jsonl'] },
  { mediaType: 'application/json', name: 'JSON array', endings: ['json'] },
  { mediaType: 'application/vnd.apache.parquet', name: 'Parquet', endings: ['parquet'] },
];

export const fileEndings = formats.flatMap(({ endings }) => endings.map((ending) => `.${ending}`));

/** What a file seems to be, by its name. */
export function formatOf(name: string): ItemMediaType {
  const ending = name.toLowerCase().split('.').at(-1) ?? '';
  const found = formats.find(({ endings }) => endings.includes(ending));
  return found?.mediaType ?? 'application/x-ndjson';
}

/** Files of these are one whole: a part of them says nothing. */
export const isOnePiece = (mediaType: ItemMediaType): boolean =>
  mediaType.endsWith('.sheet') || mediaType.endsWith('.parquet');

export const delimiters = [
  { value: ',', label: 'Comma' },
  { value: ';', label: 'Semicolon' },
  { value: 'tab', label: 'Tab' },
  { value: '|', label: 'Bar |' },
] as const;
export type Delimiter = (typeof delimiters)[number]['value'];

/** What parts the cells of a CSV file: what its first line holds most of. */
export function delimiterOf(text: string): Delimiter {
  const [line = ''] = text.replaceAll(/"[^"]*"/g, '').split(/\r?\n/, 1);
  const count = (one: Delimiter): number => line.split(one === 'tab' ? '\t' : one).length;
  return delimiters
    .map(({ value }) => value)
    .reduce((best, one) => (count(one) > count(best) ? one : best), ',');
}
