import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';

/** A client that takes nothing for so long is gone. */
const STALLED_MS = 120_000;

/** A file that is written while it is read. */
export interface Download {
  /** Asked for one at a time, at the pace at which the client reads. */
  chunks: AsyncGenerator<string, void, undefined>;
  mediaType: string;
  /** The stem may be any text: what no file system likes is replaced. */
  fileName: { stem: string; ending: string };
}

/**
 * Answers with a file. What fails before its first chunk is answered like any other error; later the
 * connection breaks, since an end would say that the file is whole. Chunks stop being asked for when
 * the client is gone.
 */
export async function download(
  request: Request,
  response: Response,
  { chunks, mediaType, fileName }: Download,
): Promise<void> {
  const first = await chunks.next();
  response.attachment(safeFileName(fileName)).set({
    'Content-Type': `${mediaType}; charset=utf-8`,
    'Cache-Control': 'no-store',
  });
  if (request.method === 'HEAD' || first.done === true) {
    await chunks.return();
    response.end();
    return;
  }
  response.setTimeout(STALLED_MS, () => response.destroy());
  await pipeline(
    // Counted in bytes: a stream of objects would fetch many chunks ahead.
    Readable.from(startingWith(first.value, chunks), { objectMode: false }),
    response,
  );
}

async function* startingWith(
  first: string,
  rest: AsyncGenerator<string, void, undefined>,
): AsyncGenerator<string, void, undefined> {
  yield first;
  yield* rest;
}

/** Letters, digits, dots, dashes and underscores of any script, and no dot at the start. */
const safeFileName = ({ stem, ending }: Download['fileName']): string =>
  `${
    stem
      .slice(0, 80)
      .replaceAll(/[^\p{L}\p{M}\p{N}._-]+/gu, '-')
      .replaceAll(/^[.-]+|-+$/g, '') || 'file'
  }${ending}`;
