import { OutgoingError, type OutgoingResponse } from '#libs/evaluation';
import { Duplex, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createUnzip } from 'node:zlib';
import type { Dispatcher } from 'undici';

const ENCODINGS_MAX = 3;

/**
 * Unpacks an answer while it comes in, and stops where it grows beyond its bounds. Taken for UTF-8.
 * @throws {OutgoingError} `too_large`, `invalid_response`
 */
export async function decodedText(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  maxBytes: number,
  signal: AbortSignal,
): Promise<OutgoingResponse> {
  // An answer without a body may still say how it would be packed.
  const isEmpty = [204, 205, 304].includes(statusCode) || headers['content-length'] === '0';
  const stages = isEmpty ? [] : decoders(headers['content-encoding']);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  const take = async (source: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const part of source) {
      bytes += part.byteLength;
      parts.push(part);
      if (bytes > maxBytes) {
        throw new OutgoingError('too_large', `the answer has more than ${maxBytes} bytes`);
      }
    }
  };
  // Most answers are not packed, and a pipeline costs more than their call.
  if (stages.length === 0) await take(body);
  else await pipeline([body, ...stages, Duplex.from(take)], { signal });
  return {
    status: statusCode,
    headers: joined(headers),
    text: new TextDecoder().decode(Buffer.concat(parts)),
  };
}

/** In the order in which they are undone. */
function decoders(encoding: string | string[] | undefined): Transform[] {
  const names = [encoding ?? []].flat().join(',').split(',');
  const packed = names
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity')
    .toReversed();
  if (packed.length > ENCODINGS_MAX)
    throw new OutgoingError('invalid_response', 'the answer is packed too often');
  return packed.map((name) => {
    if (name === 'br') return createBrotliDecompress();
    if (name === 'gzip' || name === 'x-gzip' || name === 'deflate') return createUnzip();
    throw new OutgoingError(
      'invalid_response',
      'the answer is packed in a way that was not asked for',
    );
  });
}

const joined = (headers: Dispatcher.ResponseData['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
