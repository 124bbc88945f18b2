import { findUnstorable } from '#libs/datasets';
import express, { type RequestHandler } from 'express';
import { HttpProblem } from './problem.ts';

const LIMIT = '5mb';
const SLOWEST_MS = 120_000;

const parse = express.json({ limit: LIMIT, strict: false });

/** Reads a JSON body: of a bounded size, in a bounded time, and only what the tables can keep. */
export const jsonBody: RequestHandler = (request, response, next) => {
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
