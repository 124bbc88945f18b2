import type { ColumnMapping, ItemMediaType } from '#libs/contracts';
import { readCsv } from './csv.ts';
import { readJsonArray } from './json-array.ts';
import { bindHeader, bindObjects, type BindHeader, type CellKind } from './layout.ts';
import { looked, type FileLook } from './look.ts';
import { readNdjson } from './ndjson.ts';
import { readParquet } from './parquet/index.ts';
import type { UploadRows } from './rows.ts';
import { readXlsx } from './xlsx/index.ts';

/** How the items of a dataset lie in a file. */
export interface ItemFormat {
  mediaType: ItemMediaType;
  /** Left out: fields and columns have the names that items have. */
  mapping?: ColumnMapping | undefined;
  /** What parts the cells of `text/csv`; left out: a comma. */
  delimiter?: ',' | ';' | '|' | '\t' | undefined;
  /** A sheet of an XLSX workbook, by name; left out: the first. */
  sheet?: string | undefined;
  /** Sees what stands in the file before anything is made of it. */
  look?: FileLook | undefined;
}

/**
 * The items in a file, as they are to be validated. NDJSON, JSON and delimited text stream; XLSX and
 * Parquet go through a temporary file, and are read row by row and row group by row group.
 * @throws {RequestError} where nothing beyond can be read
 */
export function readItems(bytes: AsyncIterable<Uint8Array>, format: ItemFormat): UploadRows {
  const { mediaType, mapping, delimiter = ',', sheet, look } = format;
  const bind = (cells: CellKind): BindHeader => {
    const bound: BindHeader = (line, header) => bindHeader(line, header, { mapping, cells });
    return look ? look.binding(bound) : bound;
  };
  const objects = (rows: UploadRows) => mapped(look ? look.objects(rows) : rows, mapping);
  const readers: Record<ItemMediaType, () => UploadRows> = {
    'application/x-ndjson': () => objects(readNdjson(bytes)),
    'application/json': () => objects(readJsonArray(bytes)),
    'text/csv': () => readCsv(bytes, { delimiter, bind: bind('text') }),
    'text/tab-separated-values': () => readCsv(bytes, { delimiter: '\t', bind: bind('text') }),
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': () =>
      readXlsx(bytes, { sheet, bind: bind('text'), onSheets: (names) => look?.sheetsAre(names) }),
    'application/vnd.apache.parquet': () => readParquet(bytes, { bind: bind('typed') }),
  };
  const rows = readers[mediaType]();
  return look ? looked(rows, look) : rows;
}

function mapped(rows: UploadRows, mapping: ColumnMapping | undefined): UploadRows {
  return mapping === undefined ? rows : mapRows(rows, mapping);
}

async function* mapRows(rows: UploadRows, mapping: ColumnMapping): UploadRows {
  const objects = bindObjects(mapping);
  for await (const group of rows) {
    yield group.map((row) => ('value' in row ? objects.read(row.line, row.value) : row));
  }
  objects.end();
}
