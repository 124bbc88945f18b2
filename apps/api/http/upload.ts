import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Request, Response } from 'express';
import { HttpProblem, property, toHttpProblem } from './problem.ts';
import { Slots } from './slots.ts';

const IDLE_MS = 60_000;
const WAIT_MS = 30_000;
/** After a refusal the rest of the body is read and thrown away for so long, then cut off. */
const DRAIN_MS = 30_000;
/** A few kilobytes of gzip can be gigabytes of nothing. */
const LARGEST_UNPACKED = 8_000_000_000;

/** A body that streams, once it may be read. */
export interface Upload<MediaType extends string> {
  /** Without its parameters, one of the operation's. */
  mediaType: MediaType;
  bytes: AsyncIterable<Uint8Array>;
  /** Aborted when the client is gone. */
  signal: AbortSignal;
}

export interface Uploads {
  /**
   * Lets `work` read the body of a request as it arrives, at the pace at which it is read. Each upload
   * holds a database connection, so only some go at once and the others wait.
   * @throws {HttpProblem} 415 for another media type or encoding, 503 after waiting in vain
   */
  receive<MediaType extends string, Result>(
    request: Request,
    response: Response,
    mediaTypes: readonly MediaType[],
    work: (upload: Upload<MediaType>) => Promise<Result>,
  ): Promise<Result>;
}

/** @param options.atOnce uploads that may be read at the same time in this process */
export function createUploads(options: { atOnce: number; waitMs?: number }): Uploads {
  const slots = new Slots(options.atOnce);
  const waitMs = options.waitMs ?? WAIT_MS;

  return {
    async receive(request, response, mediaTypes, work) {
      const mediaType = checkMediaType(request, mediaTypes);
      const unpack = checkEncoding(request);
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      try {
        if (!(await slots.take(waitMs, gone.signal))) throw tooManyUploads();
        try {
          const body = bodyOf(request);
          const bytes = unpack ? gunzip(body) : body;
          return await work({ mediaType, bytes, signal: gone.signal });
        } finally {
          slots.give();
        }
      } finally {
        // Also where all that was wanted has been read.
        drain(request);
      }
    },
  };
}

function checkMediaType<MediaType extends string>(
  request: Request,
  mediaTypes: readonly MediaType[],
): MediaType {
  const header = request.headers['content-type'] ?? '';
  const given = header.split(';', 1).join('').trim().toLowerCase();
  const mediaType = mediaTypes.find((one) => one === given);
  const [, charset = 'utf-8'] = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(header) ?? [];
  if (mediaType !== undefined && /^(utf-?8|us-ascii)$/i.test(charset)) return mediaType;
  const list = mediaTypes.join(', ');
  throw new HttpProblem(
    415,
    'unsupported_media_type',
    `Send the body as ${mediaTypes.length > 1 ? 'one of ' : ''}${list}, in UTF-8, with that Content-Type.`,
    { headers: { Accept: list } },
  );
}

/** True where the body has to be unpacked. */
function checkEncoding(request: Request): boolean {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity') return false;
  if (encoding === 'gzip') return true;
  throw new HttpProblem(415, 'unsupported_encoding', 'Send the body as it is, or as gzip.', {
    headers: { 'Accept-Encoding': 'gzip, identity' },
  });
}

/** The chunks of the body. Stopping early leaves the connection open, so that it can be answered. */
async function* bodyOf(request: Request): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks: AsyncIterator<Uint8Array> = request.iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      const idle = setTimeout(() => request.destroy(new Error('The upload stalled.')), IDLE_MS);
      const next = await chunks.next().finally(() => clearTimeout(idle));
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await chunks.return?.();
  }
}

async function* gunzip(
  packed: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let total = 0;
  // Errors reach the reader below.
  const unpacked: Readable = pipeline(packed, createGunzip(), () => {});
  try {
    for await (const chunk of unpacked) {
      if (!(chunk instanceof Uint8Array)) continue;
      total += chunk.length;
      if (total > LARGEST_UNPACKED) {
        throw new HttpProblem(413, 'body_too_large', 'The body is larger than 8 GB unpacked.');
      }
      yield chunk;
    }
  } catch (error) {
    if (property(error, 'code').startsWith('Z_')) {
      throw new HttpProblem(400, 'invalid_gzip', 'The body is not gzip, or ends too early.');
    }
    throw error;
  }
}

/** What people are told of an upload that failed: what its answer says, where anyone is left to read it. */
export function explainFailure(request: Request, error: unknown): string {
  if (request.destroyed && !request.complete) return 'The connection ended before the body did.';
  return toHttpProblem(error).message;
}

/** Many clients read the answer only once they have sent everything. */
function drain(request: Request): void {
  if (request.destroyed || request.readableEnded) return;
  const end = setTimeout(() => request.destroy(), DRAIN_MS);
  end.unref();
  request.once('close', () => clearTimeout(end));
  request.once('end', () => clearTimeout(end));
  request.resume();
}

const tooManyUploads = (): HttpProblem =>
  new HttpProblem(
    503,
    'too_many_uploads',
    'Too many uploads are under way; try again in a few seconds.',
    { headers: { 'Retry-After': '10' } },
  );
