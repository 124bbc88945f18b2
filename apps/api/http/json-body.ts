import { findUnstorable } from '#libs/datasets';
import express, { type RequestHandler } from 'express';
import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { HttpProblem } from './problem.ts';

const LIMIT = '5mb';
const SLOWEST_MS = 120_000;

const parse = express.json({ limit: LIMIT, strict: false });

/** A request without any body, as of `curl -X POST`; browsers say then that it has 0 bytes. */
const isEmpty = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;

/**
 * Reads a JSON body: of a bounded size, in a bounded time, and only what the tables can keep. One that
 * the schema does not ask for may be left out.
 */
export const jsonBody =
  (schema: z.ZodType): RequestHandler =>
  (request, response, next) => {
    if (isEmpty(request) && schema.safeParse(undefined).success) {
      next();
      return;
    }
    if (request.is('application/json') !== 'application/json') {
      throw new HttpProblem(
        415,
        'unsupported_media_type',
        'Send the body as application/json, with that Content-Type.',
        { headers: { Accept: 'application/json' } },
      );
    }
    const deadline = setTimeout(() => request.destroy(), SLOWEST_MS);
    parse(request, response, (error: unknown) => {
      clearTimeout(deadline);
      if (error !== undefined) {
        next(error);
        return;
      }
      const found = findUnstorable(request.body, { wellFormed: true });
      next(found && invalidRequest([{ field: found.path, message: found.message }]));
    });
  };

/** A request with fields that are wrong. */
export function invalidRequest(errors: { field?: string; message: string }[]): HttpProblem {
  const [first] = errors;
  const where = first?.field === undefined || first.field === '' ? '' : `${first.field}: `;
  return new HttpProblem(400, 'invalid_request', `${where}${first?.message ?? 'is wrong'}.`, {
    errors,
  });
}
