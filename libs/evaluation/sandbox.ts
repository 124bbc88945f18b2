import type { Json } from '#libs/contracts';

/** A user's function, to be called once with one argument. */
export interface SandboxedCall {
  /** JavaScript with an `export default function`, or an expression that is a function. */
  code: string;
  argument: Json;
  /** For compiling and calling together, in milliseconds. */
  timeMs: number;
  memoryBytes: number;
}

/** What is wrong with a text in some language; undefined where nothing is. */
export type ParseFault = { message: string; line?: number; column?: number } | undefined;

/** Why sandboxed work gave no result: the fault of who wrote the code or the text, never of the worker. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';
  readonly code: 'timeout' | 'memory' | 'too_large' | 'syntax' | 'thrown' | 'result' | 'crashed';

  constructor(code: SandboxError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export const sqlDialects = ['postgresql', 'mysql', 'mariadb', 'sqlite', 'bigquery'] as const;
export type SqlDialect = (typeof sqlDialects)[number];

export const codeLanguages = [
  'bash',
  'c_sharp',
  'cpp',
  'css',
  'go',
  'java',
  'javascript',
  'php',
  'powershell',
  'python',
  'ruby',
  'rust',
  'tsx',
  'typescript',
] as const;
export type CodeLanguage = (typeof codeLanguages)[number];

/**
 * Work whose time or memory nobody can know beforehand: users' code, and parsers of what models wrote.
 * It is done in a process of its own, without I/O, which is ended when its time is over; whoever asked
 * goes on unharmed.
 */
export interface Sandbox {
  /**
   * Calls a user's function; each call gets a fresh realm, so nothing is left from one to the next.
   * @throws {SandboxError}
   */
  callFunction(call: SandboxedCall): Promise<Json>;
  /** @throws {SandboxError} where the parser itself does not end, or breaks */
  parseSql(dialect: SqlDialect, text: string): Promise<ParseFault>;
  parseCode(language: CodeLanguage, text: string): Promise<ParseFault>;
  parseXml(text: string): Promise<ParseFault>;
  /**
   * What is wrong with each value by a JSON Schema (draft 2020-12), at most `faultsMax` for each: a JSON
   * Pointer and a message. Patterns in the schema are RE2 patterns.
   */
  validateJson(
    schema: Json,
    values: readonly Json[],
    faultsMax: number,
  ): Promise<{ path: string; message: string }[][]>;
  /** What is wrong with a JSON Schema itself; undefined where it can be used. */
  checkSchema(schema: Json): Promise<string | undefined>;
  close(): Promise<void>;
}
