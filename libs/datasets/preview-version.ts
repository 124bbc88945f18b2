import { previewLimits, type UploadPreview } from '#libs/contracts';
import type { Database } from '#libs/database';
import type { Sandbox } from '#libs/evaluation';
import { getOpenDataset } from './datasets.ts';
import { noteKeys, prepareItem, schemaCheck, type PreparedItem } from './import-version.ts';
import {
  createLineNotes,
  findRepeatedKeys,
  inUploadTransaction,
  readRows,
} from './upload/chunks.ts';
import { cutValue, type FileLook } from './upload/look.ts';
import type { UploadRows } from './upload/rows.ts';

/**
 * Reads a file as `importDatasetVersion` would, of any length, and says what is wrong with it and what
 * would be made of its first lines. Nothing of it is kept but keys, until it has been read.
 * @param upload.look what `upload.rows` are looked at with
 * @param upload.lines read only so many
 * @throws {RequestError} `dataset_not_found`, `dataset_deleted`, and what says that none of it can be read
 */
export async function previewDatasetVersion(
  deps: { database: Database; sandbox: Sandbox },
  upload: {
    projectId: string;
    datasetId: string;
    rows: UploadRows;
    look: FileLook;
    lines?: number | undefined;
    signal?: AbortSignal | undefined;
  },
): Promise<UploadPreview> {
  const { projectId, datasetId, look, lines = Infinity, signal } = upload;
  const dataset = await getOpenDataset(deps.database, projectId, datasetId);
  const items: UploadPreview['items'] = [];
  const first = new FirstRows(upload.rows, lines);
  const { read, problems } = await inUploadTransaction(deps.database, async (transaction) => {
    await createLineNotes(transaction);
    return readRows<PreparedItem>(
      first.rows(),
      {
        prepare(line, value) {
          const item = prepareItem(line, value, 0);
          if ('values' in item && items.length < previewLimits.rows) items.push(shown(item));
          return item;
        },
        check: schemaCheck(deps.sandbox, dataset),
        async store(chunk) {
          await noteKeys(transaction, chunk);
          // Nothing is stored, so whether a key stands twice is looked up at the end.
          return false;
        },
        note: (chunk) => noteKeys(transaction, chunk),
        repeated: () => findRepeatedKeys(transaction),
      },
      signal,
    );
  });
  const { wrongLines, listed, fault } = problems.summary;
  if (fault !== undefined && look.columns.length === 0) throw fault;
  const errors = fault === undefined ? [...listed] : [...listed, { message: fault.message }];
  return {
    columns: look.columns,
    sheets: look.sheets,
    rows: look.rows(),
    items,
    lines: read,
    wrongLines,
    errors,
    whole: !first.cut && !problems.ended,
  };
}

function shown({ line, key, hash, values }: PreparedItem): UploadPreview['items'][number] {
  const { input, expected, metadata, tags = [], split = null } = values ?? {};
  return {
    line,
    key: hash === undefined ? key : null,
    input: cutValue(input),
    ...(expected !== undefined && { expected: cutValue(expected) }),
    ...(metadata !== undefined && { metadata: cutValue(metadata) }),
    tags,
    split,
  };
}

/** The first rows of an upload; whether there may be more is known once they have been read. */
class FirstRows {
  cut = false;
  readonly #rows: UploadRows;
  readonly #most: number;

  constructor(rows: UploadRows, most: number) {
    this.#rows = rows;
    this.#most = most;
  }

  async *rows(): UploadRows {
    let read = 0;
    for await (const group of this.#rows) {
      const room = this.#most - read;
      read += group.length;
      if (group.length < room) {
        yield group;
        continue;
      }
      this.cut = true;
      yield group.slice(0, room);
      return;
    }
  }
}
