import { fork, type ChildProcess } from 'node:child_process';
import { RequestError } from '#libs/contracts';
import type { BindHeader } from '../layout.ts';
import { badRow, type UploadRow } from '../rows.ts';
import { spooled, type SpooledFile } from '../spool.ts';
import type { Answer, ParquetLimits, Question, Row } from './messages.ts';

export interface ParquetOptions {
  bind: BindHeader;
  limits?: ParquetLimits;
  /** For each part of the file, in milliseconds. */
  patienceMs?: number;
}

const defaultLimits: ParquetLimits = {
  groupBytes: 512_000_000,
  groupBytesOfLists: 128_000_000,
  groupRows: 2_000_000,
};
/** A part takes a second or two; a damaged or malicious file may take for ever. */
const PATIENCE_MS = 30_000;

/**
 * The rows of a Parquet file, numbered from 1, one part of a row group at a time. Numbers beyond 2^53
 * become text with all their digits; dates and times ISO 8601 text; bytes that are no text base64; NaN
 * is null. A process of its own reads it: a few damaged bytes can make the library work or allocate
 * without end, and then only that process is lost.
 * @throws {RequestError} `invalid_parquet`, `file_too_large`
 */
export const readParquet = (
  body: AsyncIterable<Uint8Array>,
  options: ParquetOptions,
): AsyncIterable<UploadRow[]> => spooled(body, (file) => readFile(file, options));

async function* readFile(
  { handle, bytes }: SpooledFile,
  { bind, limits = defaultLimits, patienceMs = PATIENCE_MS }: ParquetOptions,
): AsyncGenerator<UploadRow[], void, undefined> {
  const reader = new ReadingProcess(handle.fd, patienceMs);
  try {
    const opened = await reader.ask({ kind: 'open', bytes, limits });
    const names = opened.kind === 'names' ? opened.names : [];
    const table = bind(1, names);
    const rowOf = (line: number, row: Row): UploadRow => {
      if (typeof row === 'string') return badRow(line, row);
      const cells: unknown[] = Array.from({ length: names.length });
      for (const [at, column] of table.columns.entries()) cells[column] = row[at];
      return table.read(line, cells);
    };
    const columns = table.columns.map((column) => names[column] ?? '');
    let answer = await reader.ask({ kind: 'read', columns });
    while (answer.kind === 'rows') {
      // While these are looked at, the next are read.
      const next = reader.ask({ kind: 'next' });
      next.catch(() => {});
      const { line, text } = answer;
      const rows: Row[] = JSON.parse(text);
      yield rows.map((row, index) => rowOf(line + index, row));
      answer = await next;
    }
  } finally {
    await reader.end();
  }
}

class ReadingProcess {
  readonly #child: ChildProcess;
  readonly #patienceMs: number;
  #settle: ((answer: Answer) => void) | undefined;
  readonly #ended: Promise<void>;

  constructor(descriptor: number, patienceMs: number) {
    this.#patienceMs = patienceMs;
    // No environment reaches it, it can write no file and start no process, and what it prints reaches
    // no log.
    this.#child = fork(new URL('./process.ts', import.meta.url), {
      env: {},
      execArgv: ['--permission', '--allow-fs-read=*', '--allow-worker'],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc', descriptor],
    });
    this.#child.on('message', (answer: Answer) => this.#settle?.(answer));
    this.#ended = new Promise((resolve) => {
      const ended = () => {
        this.#settle?.({
          kind: 'fault',
          message: 'reading it broke off, for want of memory perhaps',
        });
        resolve();
      };
      this.#child.once('exit', ended);
      this.#child.once('error', ended);
    });
  }

  /** @throws {RequestError} `invalid_parquet` */
  async ask(question: Question): Promise<Answer> {
    const answer = await new Promise<Answer>((resolve) => {
      const deadline = setTimeout(() => {
        this.#settle?.({ kind: 'fault', message: 'reading it takes too long' });
        this.#child.kill('SIGKILL');
      }, this.#patienceMs);
      this.#settle = (answer) => {
        clearTimeout(deadline);
        this.#settle = undefined;
        resolve(answer);
      };
      const gone = !this.#child.connected;
      if (gone) this.#settle({ kind: 'fault', message: 'reading it broke off' });
      else this.#child.send(question, () => {});
    });
    if (answer.kind === 'fault') throw invalidParquet(answer.message);
    return answer;
  }

  async end(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

const LONGEST_REASON = 300;

const invalidParquet = (reason: string): RequestError =>
  new RequestError(
    'invalid',
    'invalid_parquet',
    `The body is not a Parquet file, or is damaged: ${reason.slice(0, LONGEST_REASON)}. Nothing was stored.`,
  );
