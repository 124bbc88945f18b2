import { randomUUID } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RequestError } from '#libs/contracts';

/** Largest file of a format that cannot be read as it arrives, in bytes. */
const LARGEST_FILE = 2_000_000_000;

/** A file that can be read at any place. */
export interface SpooledFile {
  handle: FileHandle;
  bytes: number;
}

/**
 * Writes a body to a temporary file and reads from that, for formats whose directory stands at the end.
 * The file has no name any more once it is open, so it is gone with this process, however that ends.
 * @throws {RequestError} `file_too_large`
 */
export async function* spooled<Row>(
  body: AsyncIterable<Uint8Array>,
  read: (file: SpooledFile) => AsyncIterable<Row>,
  largest = LARGEST_FILE,
): AsyncGenerator<Row, void, undefined> {
  const path = join(tmpdir(), `llm-eval-upload-${randomUUID()}`);
  const handle = await open(path, 'wx+', 0o600);
  try {
    await rm(path, { force: true });
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > largest) throw tooLarge(largest);
      await handle.writev([chunk]);
    }
    yield* read({ handle, bytes });
  } finally {
    await handle.close();
    await rm(path, { force: true });
  }
}

const tooLarge = (largest: number): RequestError =>
  new RequestError(
    'invalid',
    'file_too_large',
    `A file of this format has at most ${largest / 1e9} GB; upload it as CSV or NDJSON, which have no such limit.`,
  );
