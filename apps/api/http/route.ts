import type { Principal } from '#libs/access';
import type { HandlerAnswer, Operation, OperationInput, Project } from '#libs/contracts';
import { fieldProblems } from '#libs/datasets';
import type { Request, Response } from 'express';
import { invalidRequest } from './json-body.ts';

interface Raw {
  request: Request;
  response: Response;
}
/** Who is calling, and the project in which; known for every operation that asks for a role. */
export interface Caller {
  principal: Principal;
  project: Project;
}

/** What a handler gets: the validated input, and who is calling where the operation asks for that. */
export type Call<O extends Operation> = OperationInput<O> &
  Raw &
  (O['role'] extends null ? unknown : Caller);

/** An operation and what answers it. */
export interface Route {
  operation: Operation;
  handle(raw: Raw, caller: Caller | undefined): Promise<unknown>;
}

/** Binds a handler to an operation, by whose schemas it is typed and its input validated. */
export function route<const O extends Operation>(
  operation: O,
  handler: (call: Call<O>) => Promise<HandlerAnswer<O>>,
): Route {
  return {
    operation,
    handle: async (raw, caller) => {
      const call = { ...validate(operation, raw.request), ...raw, ...caller };
      if (!isCallOf(operation, call)) throw new Error(`${operation.id} was called by nobody.`);
      return handler(call);
    },
  };
}

/** The input went through the schemas of O; what is left to see to is that the caller is known. */
function isCallOf<O extends Operation>(operation: O, call: object): call is Call<O> {
  return operation.role === null || ('principal' in call && 'project' in call);
}

const parts = ['params', 'query', 'headers', 'body'] as const;

function validate(operation: Operation, request: Request): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const part of parts) {
    const parsed = operation[part]?.safeParse(request[part]);
    if (parsed?.success === false) throw invalidRequest(fieldProblems(parsed.error));
    input[part] = parsed?.data;
  }
  return input;
}
