import { pino, type Logger } from 'pino';

export type { Logger };

/**
 * A JSON logger on standard error, so that standard output stays free for what a person asked for.
 * What carries secrets is redacted by name, wherever it stands, and an error (`err`) by what it is.
 */
export function createLogger(name: string, level: string): Logger {
  return pino(
    {
      name,
      level,
      serializers: { err: describeError },
      redact: {
        paths: ['req.headers.authorization', 'req.headers.cookie', '*.authorization', '*.cookie'],
        censor: '[redacted]',
      },
    },
    pino.destination({ fd: 2, sync: false }),
  );
}

/**
 * What a log may hold of an error. Messages and details of PostgreSQL quote values, so of its errors
 * only the code and what the schema calls things are kept.
 */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error };
  const stack = error.stack?.split('\n').filter((line) => /^\s+at /.test(line));
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if ('severity' in cause && 'code' in cause) {
      const { code } = cause;
      const constraint = 'constraint' in cause ? cause.constraint : undefined;
      return { error: 'PostgreSQL', postgresCode: code, constraint, stack };
    }
  }
  return { error: error.name, message: error.message, stack };
}
