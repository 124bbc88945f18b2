import type { Json } from '#libs/contracts';
import { selectPath, type MetricCase } from '#libs/evaluation';
import { z } from 'zod';
import { textOf } from '../../values/text.ts';
import type { Opinion } from './votes.ts';

const PASSAGES_MAX = 50;

/** Where something stands in an item, such as `metadata.passages`. */
const itemPath = z
  .string()
  .max(500)
  .regex(
    /^(input|output|expected|metadata|context)(\.[^.]+)*$/,
    'must begin with input, output, expected, metadata or context, such as metadata.passages',
  );

/** The option of judges that look at what was retrieved. */
export const contextOption = {
  context: itemPath.optional().meta({
    description:
      'Where the context stands, such as metadata.passages or output.sources. Left out: what the target reported as context, or else metadata.context, or else input.context',
  }),
};

/** The same for anything else that judges look for in an item. */
export const pathOption = (description: string) => itemPath.optional().meta({ description });

/** In the definitions of judges that look at what was retrieved. */
export const contextDefinition = `The context is what the path in the configuration leads to, or else what the target reported, metadata.context or input.context, whichever comes first: a text, or a list of texts or of objects with text, content or page_content (any other object as JSON). Blank passages are left out, and of more than ${PASSAGES_MAX} the first count. An item without context is not applicable.`;

/** The passages that were retrieved, in their order, at least one; or why there are none. */
function passagesOf(
  item: MetricCase,
  path: string | undefined,
): { passages: string[] } | { missing: string } {
  const found = path === undefined ? firstContext(item) : atPath(item, path);
  if (found === undefined) {
    return {
      missing: `the item has no context${path === undefined ? '' : ` at "${path}"`}`,
    };
  }
  const passages = (Array.isArray(found) ? found : [found])
    .map(passageText)
    .filter((text) => text.trim() !== '')
    .slice(0, PASSAGES_MAX);
  return passages.length === 0 ? { missing: 'the context is empty' } : { passages };
}

/** What a judge makes of a case with its passages; a case without any is not applicable. */
export const withPassages =
  <Ask>(opinionOf: (item: MetricCase, ask: Ask, passages: string[]) => Promise<Opinion>) =>
  ({ context }: { context?: string | undefined }) =>
  async (item: MetricCase, ask: Ask): Promise<Opinion> => {
    const found = passagesOf(item, context);
    return 'missing' in found
      ? { notApplicable: found.missing }
      : opinionOf(item, ask, found.passages);
  };

function firstContext({ context, metadata, input }: MetricCase): Json | undefined {
  const inInput =
    typeof input === 'object' && input !== null && !Array.isArray(input)
      ? input['context']
      : undefined;
  return [context, metadata?.['context'], inInput].find(isThere);
}

/** What stands at a path of an item; undefined where there is nothing, or null. */
export function atPath(item: MetricCase, path: string): Json | undefined {
  const [root = '', ...rest] = path.split('.');
  const { input, output, expected, metadata, context } = item;
  const roots: Record<string, Json | undefined> = { input, output, expected, metadata, context };
  const value = roots[root];
  if (!isThere(value) || rest.length === 0) return isThere(value) ? value : undefined;
  const selected = selectPath(value, rest.join('.'), root);
  return selected.missing === undefined && isThere(selected.value) ? selected.value : undefined;
}

const isThere = (value: Json | undefined): value is Exclude<Json, null> =>
  value !== undefined && value !== null;

function passageText(passage: Json): string {
  if (passage === null) return '';
  if (typeof passage === 'object' && !Array.isArray(passage)) {
    for (const name of ['text', 'content', 'page_content']) {
      const text = passage[name];
      if (typeof text === 'string') return text;
    }
  }
  return textOf(passage);
}
