import { uuid } from '#libs/database';
import type { RequestHandler, Response } from 'express';

const HEADER = 'X-Request-Id';

/** Gives every request an id: the one a proxy gave it, else a new one. The answer names it. */
export const requestId: RequestHandler = (request, response, next) => {
  const given = request.get(HEADER);
  response.set(HEADER, given !== undefined && /^[\w.:-]{1,100}$/.test(given) ? given : uuid());
  next();
};

export const requestIdOf = (response: Response): string => String(response.getHeader(HEADER) ?? '');
