import { RequestError, type Problem } from '#libs/contracts';
import { describeLine, LineError, type LineProblem } from './rows.ts';

type Listed = NonNullable<Problem['errors']>[number] & { line: number };

/** What a refusal lists; everything beyond is only counted. */
const MOST_LISTED = 100;

const withoutLine = ({ field, message }: Listed): LineProblem =>
  field === undefined ? { message } : { field, message };

/** What is wrong with an upload, however much of it: the first problems by line, and how many lines. */
export class UploadProblems {
  readonly #listed: Listed[] = [];
  #lines = 0;
  #problems = 0;
  #fault: RequestError | undefined;

  get none(): boolean {
    return this.#lines === 0 && this.#fault === undefined;
  }

  /** What is told of it, where it is no refusal; `fault` where no line of it could be read. */
  get summary(): {
    wrongLines: number;
    listed: readonly Listed[];
    fault: RequestError | undefined;
  } {
    const fault = this.#fault instanceof LineError ? undefined : this.#fault;
    return { wrongLines: this.#lines, listed: this.#listed, fault };
  }

  /** Whether something ended the reading. */
  get ended(): boolean {
    return this.#fault !== undefined;
  }

  /** Adds a line, in any order, but each only once. */
  add(line: number, problems: readonly LineProblem[]): void {
    this.#lines += 1;
    this.#problems += problems.length;
    for (const problem of problems) this.#list({ line, ...problem });
  }

  /** Counts lines that need not be listed, since those listed come before them. */
  count(lines: number): void {
    this.#lines += lines;
    this.#problems += lines;
  }

  /** Why nothing beyond could be read. */
  end(fault: RequestError): void {
    if (fault instanceof LineError) this.add(fault.line, fault.problems);
    this.#fault = fault;
  }

  /** The refusal. */
  toError(): RequestError {
    const [first] = this.#listed;
    const fault = this.#fault;
    if (first === undefined || (fault !== undefined && this.#lines === 0)) {
      return fault ?? new RequestError('invalid', 'invalid_line', 'The upload cannot be used.');
    }
    if (this.#lines === 1 && (fault === undefined || fault instanceof LineError)) {
      return new LineError(first.line, this.#listed.map(withoutLine));
    }
    const errors: NonNullable<Problem['errors']> = [...this.#listed];
    const ended = fault instanceof LineError ? fault.line : undefined;
    // What ended the reading is always told.
    if (fault !== undefined && !this.#listed.some(({ line }) => line === ended)) {
      const last = fault.errors[0] ?? { message: fault.message };
      errors.splice(MOST_LISTED - 1, errors.length, last);
    }
    const many = this.#lines.toLocaleString('en');
    const detail = [
      `${describeLine(first.line, first)}.`,
      this.#lines === 1
        ? ''
        : `${many} lines are wrong; ${this.#problems > MOST_LISTED ? `the first ${MOST_LISTED} are` : 'each is'} listed.`,
      fault === undefined ? '' : 'The rest could not be read.',
      'Nothing was stored; correct them and upload it all again.',
    ];
    return new RequestError('invalid', 'invalid_line', detail.filter(Boolean).join(' '), errors);
  }

  #list(problem: Listed): void {
    const last = this.#listed.at(-1);
    if (this.#listed.length < MOST_LISTED) {
      if (last === undefined || last.line <= problem.line) {
        this.#listed.push(problem);
        return;
      }
    } else if (last === undefined || last.line <= problem.line) return;
    const after = this.#listed.findIndex(({ line }) => line > problem.line);
    this.#listed.splice(after, 0, problem);
    this.#listed.splice(MOST_LISTED);
  }
}
