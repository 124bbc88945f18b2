import { ApiError, ConnectionError, UnexpectedResponseError } from '#libs/sdk';

export interface Explanation {
  title: string;
  remedy: string;
  /** Field by field, where the API said so. */
  details: string[];
  requestId?: string | undefined;
}

/** An error in words: what it is, and what helps. */
export function explain(error: unknown): Explanation {
  if (error instanceof ApiError) {
    const details = faultsInWords(error.errors);
    const { requestId } = error;
    // What the API says of it names calls, which nobody makes by hand here.
    const title =
      error.status === 404 ? 'there is nothing at this address' : lowerFirst(error.detail);
    return { title, remedy: remedyFor(error), details, requestId };
  }
  if (error instanceof ConnectionError) {
    return {
      title: 'the server does not answer',
      remedy: 'Check that it is running (npm start) and that this computer reaches it.',
      details: [],
    };
  }
  if (error instanceof UnexpectedResponseError) {
    return {
      title: 'the server answered something this page does not understand',
      remedy: 'The server was probably updated: reload the page.',
      details: [],
      requestId: error.requestId,
    };
  }
  return {
    title: 'something in this page broke',
    remedy: 'Reload the page; if it happens again, please report it with what you did.',
    details: error instanceof Error ? [error.message] : [],
  };
}

/** Lines that are told of one by one where they are wrong in the same way. */
const LINES_TOLD = 3;

/** Field by field; what many lines have in common is said once. */
export function faultsInWords(faults: ApiError['errors']): string[] {
  const lines = new Map<string, number[]>();
  for (const { field, line, message } of faults) {
    const what = field === undefined ? message : `${field}: ${message}`;
    const known = lines.get(what) ?? [];
    lines.set(what, known);
    if (line !== undefined) known.push(line);
  }
  return [...lines].map(([what, at]) => {
    if (at.length === 0) return what;
    const told = at.slice(0, LINES_TOLD).join(', ');
    const more = at.length > LINES_TOLD ? ` and ${at.length - LINES_TOLD} more` : '';
    return `line${at.length === 1 ? '' : 's'} ${told}${more}: ${what}`;
  });
}

function remedyFor(error: ApiError): string {
  if (error.errors.length > 0) return 'Correct it, then try again.';
  if (error.status === 401) return 'Sign in again.';
  if (error.status === 403) return 'Your key may not do this: sign in with one that may.';
  if (error.status === 404) return 'It may belong to another project, or its address is mistyped.';
  if (error.status === 409) return 'It has changed in the meantime: look at it again first.';
  if (error.status === 429) return 'Wait a few seconds, then try again.';
  if (error.status >= 500) return "Try again; if it stays, the server's log says why.";
  return 'Correct it, then try again.';
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
