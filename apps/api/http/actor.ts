import type { Principal } from '#libs/access';
import { noteOf, type Note } from '#libs/audit';
import type { Request, Response } from 'express';
import { addressOf } from './auth.ts';
import { requestIdOf } from './request-id.ts';

/** By what a call's deeds are written down as its caller's. */
export const noteFor = (call: {
  principal: Principal;
  request: Request;
  response: Response;
}): Note => {
  const { keyId, keyName } = call.principal;
  const address = addressOf(call.request);
  return noteOf({ keyId, keyName, address, requestId: requestIdOf(call.response) });
};
