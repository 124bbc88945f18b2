import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '#libs/config';
import { pinoHttp } from 'pino-http';

/**
 * A line per request: method, path, status, time. Nothing of what was sent is in it, neither query nor
 * headers nor body.
 */
export const requestLog = (logger: Logger) =>
  pinoHttp({
    logger,
    quietReqLogger: true,
    genReqId: (_request, response) => String(response.getHeader('X-Request-Id') ?? ''),
    customLogLevel: (_request, response) => (response.statusCode >= 500 ? 'warn' : 'debug'),
    wrapSerializers: false,
    serializers: {
      req: (request: IncomingMessage & { originalUrl?: string }) => ({
        method: request.method,
        path: (request.originalUrl ?? request.url ?? '').split('?', 1).join(''),
      }),
      res: (response: ServerResponse) => ({ status: response.statusCode }),
      err: () => undefined,
    },
  });
