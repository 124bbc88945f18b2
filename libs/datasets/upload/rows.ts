import { RequestError, type Problem } from '#libs/contracts';

/** One line of an upload, or one item of a JSON array: what it holds, and its number, from 1. */
export interface UploadRow {
  line: number;
  value: unknown;
}

/** Rows in their order, in groups as they arrive, so that a million of them cost few promises. */
export type UploadRows = AsyncIterable<readonly UploadRow[]>;

/** Longest line, CSV record or array item, in characters. */
export const LONGEST_LINE = 10_000_000;

type LineProblem = Pick<NonNullable<Problem['errors']>[number], 'field' | 'message'>;

/** What is wrong with a line; it refuses the whole upload. */
export class LineError extends RequestError {
  readonly line: number;

  constructor(line: number, problems: readonly LineProblem[]) {
    const first = problems[0] ?? { message: 'is not usable' };
    const field = first.field === undefined ? '' : `${first.field}: `;
    super(
      'invalid',
      'invalid_line',
      `line ${line}: ${field}${first.message}. Nothing was stored; correct the line and upload it all again.`,
      problems.map((problem) => ({ line, ...problem })),
    );
    this.line = line;
  }
}

/** A line that is wrong as a whole, or in one field. */
export const badLine = (line: number, message: string, field?: string): LineError =>
  new LineError(line, [field === undefined ? { message } : { field, message }]);

export const tooLong = (line: number): LineError =>
  badLine(line, `is longer than ${LONGEST_LINE / 1_000_000} million characters`);

/** Parses one line of JSON. @throws {LineError} */
export function parseJsonLine(line: number, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badLine(line, `is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`);
  }
}
