import type { CodeLanguage, ParseFault, SandboxError, SqlDialect } from '#libs/evaluation';

/** Work for the sandbox's process. JSON crosses as text: cheaper than copying it, and the key of what is cached. */
export type Task =
  | {
      kind: 'callFunction';
      code: string;
      argument: string;
      timeMs: number;
      memoryBytes: number;
    }
  | { kind: 'parseSql'; dialect: SqlDialect; text: string }
  | { kind: 'parseCode'; language: CodeLanguage; text: string }
  | { kind: 'parseXml'; text: string }
  | { kind: 'validateJson'; schema: string; values: string; faultsMax: number }
  | { kind: 'checkSchema'; schema: string };

export type JsonFault = { path: string; message: string };

export type Answer =
  /** What the task needs has been loaded; the answer comes next. */
  | { kind: 'loaded' }
  /** JSON as text. */
  | { kind: 'json'; text: string }
  | { kind: 'fault'; fault: ParseFault }
  | { kind: 'faults'; faults: JsonFault[][] }
  | { kind: 'message'; message: string | undefined }
  | { kind: 'error'; code: SandboxError['code']; message: string };

/** How the process ends where its thread ran out of memory. */
export const OUT_OF_MEMORY = 70;

export interface Request {
  id: number;
  task: Task;
}

export interface Reply {
  id: number;
  answer: Answer;
  /** The process is not to be used any more: a parser broke, or holds memory that it never gives back. */
  spent: boolean;
}

/** What a task has to say in place of a result. The thread knows no `SandboxError`: it loads quickly. */
export class TaskError extends Error {
  override readonly name = 'TaskError';
  readonly code: SandboxError['code'];

  constructor(code: SandboxError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

const MESSAGE_MAX = 300;

/** A message of someone else's making, in one line and bounded. */
export function bounded(message: string): string {
  const line = message.replace(/\s+/g, ' ').trim();
  return line.length > MESSAGE_MAX ? `${line.slice(0, MESSAGE_MAX - 1)}…` : line;
}
