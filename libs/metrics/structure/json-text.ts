import type { Json } from '#libs/contracts';
import { parseJson } from '#libs/evaluation';
import { excerpt } from '../values/text.ts';
import { textWithin, type Fence } from './fence.ts';

/** An output as a JSON value, or why it is none. What is not a text is JSON already. */
export function jsonOf(
  output: Json,
  fence: Fence,
): { value: Json; fault?: never } | { fault: string } {
  if (typeof output !== 'string') return { value: output };
  const value = parseJson(textWithin(output, fence, ['json', 'jsonc', 'json5']));
  return value === undefined ? { fault: `${excerpt(output)} is not JSON` } : { value };
}
