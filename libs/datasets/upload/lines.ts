import { TextDecoder } from 'node:util';
import { badLine, LONGEST_LINE, tooLong } from './rows.ts';

/** A line without its line feed; a carriage return before it is still there. */
export interface TextLine {
  line: number;
  text: string;
}

const LINE_FEED = 0x0a;
const newDecoder = () => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Cuts bytes into lines of text, holding no more than one chunk and one line. A byte-order mark at the
 * start is dropped.
 * @throws {LineError} at the first line that is not UTF-8, or too long, after the lines before it
 */
export async function* readLines(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<TextLine[], void, undefined> {
  const decoder = newDecoder();
  let next = 1;
  let rest: Uint8Array[] = [];
  let restLength = 0;

  function* cut(block: Uint8Array): Generator<TextLine[], void, undefined> {
    const text = decodeOrUndefined(decoder, block);
    if (text !== undefined) {
      const first = next;
      const lines = (first === 1 ? text.replace(/^\uFEFF/, '') : text).split('\n');
      next += lines.length;
      yield lines.map((line, index) => ({ line: first + index, text: line }));
      return;
    }
    // Some line is not UTF-8: go through them one by one, to keep those before it and to name it.
    for (let start = 0; start <= block.length; next += 1) {
      const end = block.indexOf(LINE_FEED, start);
      const line = decodeOrUndefined(decoder, block.subarray(start, end < 0 ? block.length : end));
      if (line === undefined) throw badLine(next, 'is not UTF-8 text');
      yield [{ line: next, text: next === 1 ? line.replace(/^\uFEFF/, '') : line }];
      start = end < 0 ? block.length + 1 : end + 1;
    }
  }

  for await (const chunk of bytes) {
    const end = chunk.lastIndexOf(LINE_FEED);
    if (end < 0) {
      rest.push(chunk);
      restLength += chunk.length;
    } else {
      const head = chunk.subarray(0, end);
      yield* cut(rest.length === 0 ? head : Buffer.concat([...rest, head]));
      rest = end + 1 < chunk.length ? [chunk.subarray(end + 1)] : [];
      restLength = chunk.length - end - 1;
    }
    if (restLength > LONGEST_LINE) throw tooLong(next);
  }
  if (restLength > 0) yield* cut(Buffer.concat(rest));
}

function decodeOrUndefined(decoder: TextDecoder, block: Uint8Array): string | undefined {
  try {
    return decoder.decode(block);
  } catch {
    return undefined;
  }
}
