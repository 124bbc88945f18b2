import { readLines } from './lines.ts';
import { badRow, LONGEST_LINE, notJson, tooLong, type UploadRow } from './rows.ts';

/**
 * One JSON value a line. Blank lines are skipped, and counted; one that is not JSON does not keep those
 * after it from being read.
 * @throws {LineError} at a line that is not UTF-8, or too long
 */
export async function* readNdjson(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<UploadRow[], void, undefined> {
  for await (const lines of readLines(bytes)) {
    const rows: UploadRow[] = [];
    for (const { line, text } of lines) {
      if (text.length > LONGEST_LINE) {
        // What stands before the bad line may be wrong in another way, and then comes first.
        yield rows;
        throw tooLong(line);
      }
      if (text.trim() !== '') rows.push(parseLine(line, text));
    }
    yield rows;
  }
}

function parseLine(line: number, text: string): UploadRow {
  try {
    return { line, value: JSON.parse(text) };
  } catch (error) {
    return badRow(line, notJson(error));
  }
}
