import type { ExportFormat } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import { stringify } from 'csv-stringify/sync';

const PAGE_ROWS = 1_000;
/**
 * As PostgreSQL stores them, which it knows without reading them. It packs what is long to a ninetieth
 * at best, so a page stays under some 100 MB whatever the items are, and is around 1 MB as a rule.
 */
const PAGE_BYTES = 1_000_000;

/** An item whose JSON is still the text that is stored. */
interface ExportRow {
  position: number;
  key: string;
  input: string;
  expected: string | null;
  metadata: string;
  tags: string[];
  split: string | null;
}

/**
 * The items of a version as a file, in their order, some at a time as they are asked for. Each page is
 * a query of its own: however slow the reader is, no transaction and no connection is held, and since
 * versions never change the file is of one piece all the same. An import of it gives equal items.
 */
export async function* exportItems(
  database: Queryable,
  versionId: string,
  format: ExportFormat,
): AsyncGenerator<string, void, undefined> {
  const write = format === 'csv' ? toCsv : toNdjson;
  // With the first page, so that what fails before it is not taken for the start of a file.
  let header = format === 'csv' ? stringify([csvColumns]) : '';
  for (let after = -1; ;) {
    const rows = await readPage(database, versionId, after);
    const last = rows.at(-1);
    if (!last) return;
    yield header + write(rows);
    header = '';
    after = last.position;
  }
}

/** The first always, the others as long as there is room for them. */
async function readPage(
  database: Queryable,
  versionId: string,
  after: number,
): Promise<ExportRow[]> {
  return database.query<ExportRow>(sql`
    select position, key, input::text, expected::text, metadata::text, tags, split
    from (
      select *, row_number() over (order by position) as place,
        sum(pg_column_size(input) + coalesce(pg_column_size(expected), 0)
          + pg_column_size(metadata)) over (order by position) as bytes
      from (
        select * from dataset_items where version_id = ${versionId} and position > ${after}
        order by position limit ${PAGE_ROWS}
      ) as items
    ) as page
    where place = 1 or bytes < ${PAGE_BYTES}
    order by position`);
}

const toNdjson = (rows: readonly ExportRow[]): string => rows.map(ndjsonLine).join('');

/** Put together from the stored texts: JSON in a column is on one line, as it was when it was stored. */
function ndjsonLine({ key, input, expected, metadata, tags, split }: ExportRow): string {
  const more = [
    expected === null ? '' : `,"expected":${expected}`,
    metadata === '{}' ? '' : `,"metadata":${metadata}`,
    tags.length === 0 ? '' : `,"tags":${JSON.stringify(tags)}`,
    split === null ? '' : `,"split":${JSON.stringify(split)}`,
  ];
  return `{"key":${JSON.stringify(key)},"input":${input}${more.join('')}}\n`;
}

const csvColumns = ['key', 'input', 'expected', 'metadata', 'tags', 'split'];

const toCsv = (rows: readonly ExportRow[]): string => stringify(rows.map(csvRecord));

const csvRecord = ({ key, input, expected, metadata, tags, split }: ExportRow): string[] => [
  key,
  csvCell(input, true),
  expected === null ? '' : csvCell(expected, false),
  metadata === '{}' ? '' : metadata,
  tags.length === 0 ? '' : JSON.stringify(tags),
  split ?? '',
];

/** What would not be read back as the text that it is: JSON, and what CSV in UTF-8 cannot hold. */
const READ_OTHERWISE = /^\s*[[{]|^json:/;

/**
 * A JSON value as a cell: a text as it is, an object or array as JSON, and what would be read otherwise
 * as `json:` and its JSON. An empty cell is an empty text where the column must be filled, and nothing
 * elsewhere.
 */
function csvCell(json: string, filled: boolean): string {
  if (/^[[{]/.test(json)) return json;
  if (!json.startsWith('"')) return `json:${json}`;
  const text: unknown = JSON.parse(json);
  const plain =
    typeof text === 'string' &&
    text.isWellFormed() &&
    !text.includes('\u0000') &&
    !READ_OTHERWISE.test(text) &&
    (filled || text !== '');
  return plain ? text : `json:${json}`;
}
