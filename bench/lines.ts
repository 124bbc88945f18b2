const LINES_PER_CHUNK = 500;

/** NDJSON, made as it is sent. */
export async function* lines(
  count: number,
  line: (index: number) => unknown,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for (let from = 0; from < count; from += LINES_PER_CHUNK) {
    const length = Math.min(LINES_PER_CHUNK, count - from);
    const chunk = Array.from({ length }, (_, at) => `${JSON.stringify(line(from + at))}\n`);
    yield encoder.encode(chunk.join(''));
  }
}
