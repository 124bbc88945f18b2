import { RequestError, type Problem } from '#libs/contracts';

/** What is wrong with a line, or with one field of it. */
export type LineProblem = Pick<NonNullable<Problem['errors']>[number], 'field' | 'message'>;

/**
 * One line of an upload, or one item of a JSON array, by its number, from 1: what it holds, or why it
 * could not be read, where those after it still can.
 */
export type UploadRow =
  { line: number; value: unknown } | { line: number; problems: readonly LineProblem[] };

/** Rows in their order, in groups as they arrive, so that a million of them cost few promises. */
export type UploadRows = AsyncIterable<readonly UploadRow[]>;

/** Longest line, CSV record or array item, in characters. */
export const LONGEST_LINE = 10_000_000;

/** A line after which nothing can be read any more. */
export class LineError extends RequestError {
  readonly line: number;
  readonly problems: readonly LineProblem[];

  constructor(line: number, problems: readonly LineProblem[]) {
    super(
      'invalid',
      'invalid_line',
      `${describeLine(line, problems[0])}. Nothing was stored; correct the line and upload it all again.`,
      problems.map((problem) => ({ line, ...problem })),
    );
    this.line = line;
    this.problems = problems;
  }
}

/** `line 3: input: must be given` */
export function describeLine(
  line: number,
  { field, message }: LineProblem = { message: 'is not usable' },
): string {
  return `line ${line}: ${field === undefined ? '' : `${field}: `}${message}`;
}

const problemsOf = (message: string, field: string | undefined): LineProblem[] => [
  field === undefined ? { message } : { field, message },
];

/** A line that is wrong as a whole, or in one field, and ends the reading. */
export const badLine = (line: number, message: string, field?: string): LineError =>
  new LineError(line, problemsOf(message, field));

/** A line that is wrong as a whole, or in one field, and does not keep others from being read. */
export const badRow = (line: number, message: string, field?: string): UploadRow => ({
  line,
  problems: problemsOf(message, field),
});

export const tooLong = (line: number): LineError =>
  badLine(line, `is longer than ${LONGEST_LINE / 1_000_000} million characters`);

/** Why a text is no JSON, as the parser says. */
export const notJson = (error: unknown): string =>
  `is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`;
