import { readLines } from './lines.ts';
import { LONGEST_LINE, parseJsonLine, tooLong, type UploadRow } from './rows.ts';

/** One JSON value a line. Blank lines are skipped, and counted. @throws {LineError} */
export async function* readNdjson(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<UploadRow[], void, undefined> {
  for await (const lines of readLines(bytes)) {
    const rows: UploadRow[] = [];
    try {
      for (const { line, text } of lines) {
        if (text.length > LONGEST_LINE) throw tooLong(line);
        if (text.trim() !== '') rows.push({ line, value: parseJsonLine(line, text) });
      }
    } catch (error) {
      // What stands before the bad line may be wrong in another way, and then comes first.
      yield rows;
      throw error;
    }
    yield rows;
  }
}
