import { pino, type Logger } from 'pino';

export type { Logger };

/**
 * A JSON logger on standard error, so that standard output stays free for what a person asked for.
 * What carries secrets is redacted by name, wherever it stands.
 */
export function createLogger(name: string, level: string): Logger {
  return pino(
    {
      name,
      level,
      redact: {
        paths: ['req.headers.authorization', 'req.headers.cookie', '*.authorization', '*.cookie'],
        censor: '[redacted]',
      },
    },
    pino.destination({ fd: 2, sync: false }),
  );
}
