import type { z } from 'zod';

/** What became of an answer: the verdict in it, or what keeps it from being one, without its words. */
export type Reading<Verdict> = { verdict: Verdict } | { fault: string };

/** Texts to try as JSON, at most: an answer of nothing but braces takes no time for ever. */
const TRIES_MAX = 2_000;

/**
 * Finds the verdict in what a model wrote: the last JSON object that the schema accepts, alone, in a
 * fence, or with text around it, since not every model keeps to a structured output.
 */
export function readAnswer<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
): Reading<z.output<Schema>> {
  let fault: string | undefined;
  for (const object of objectsFromTheEnd(text)) {
    const parsed = schema.safeParse(object);
    if (parsed.success) return { verdict: parsed.data };
    // Of the last object, the one that was most likely meant.
    fault ??= faultOf(parsed.error);
  }
  return { fault: fault ?? 'there is no JSON object in it' };
}

/** The JSON objects in a text that stand in no other one, from the last to the first. */
function* objectsFromTheEnd(text: string): Generator<object> {
  let tries = 0;
  let end = text.lastIndexOf('}');
  while (end >= 0) {
    let found: number | undefined;
    // The object that ends here is the innermost one: what begins further in has a brace too many.
    for (let start = text.lastIndexOf('{', end); start >= 0; start = before(text, '{', start)) {
      if (tries === TRIES_MAX) return;
      tries += 1;
      const object = parsed(text.slice(start, end + 1));
      if (object === undefined) continue;
      yield object;
      found = start;
      break;
    }
    end = before(text, '}', found ?? end);
  }
}

/** The last place of a character before another place; -1 where there is none. */
const before = (text: string, character: string, place: number): number =>
  place === 0 ? -1 : text.lastIndexOf(character, place - 1);

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Names the place, which comes from our schema, but never what stands there. */
function faultOf(error: z.ZodError): string {
  const [issue] = error.issues;
  const place = issue?.path.map(String).join('.') ?? '';
  return place === '' ? 'it has another form' : `"${place}" is missing or not as it was asked for`;
}
