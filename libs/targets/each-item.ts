import { CallError, type TargetCase, type TargetResult } from '#libs/evaluation';
import { TemplateError, type TemplateValues } from '#libs/templating';
import pMap from 'p-map';

/** A batch of calls holds one item as a rule; the shared limits say how many calls there may be. */
const SIDE_BY_SIDE = 20;

/** What the templates of a target may name, of one item. */
export const templateValuesOf = ({
  key,
  repeat,
  input,
  expected,
  metadata = {},
}: TargetCase): TemplateValues => ({ input, expected, metadata, key, repeat });

/**
 * Makes a call for each item. One whose template cannot be rendered, or whose call fails, is a failed
 * item; whatever else is thrown, as when a call is deferred or aborted, is for the caller.
 */
export const eachItem = async (
  cases: readonly TargetCase[],
  produce: (item: TargetCase) => Promise<TargetResult>,
): Promise<TargetResult[]> =>
  pMap(
    cases,
    async (item) => {
      try {
        return await produce(item);
      } catch (error) {
        return failed(item, error);
      }
    },
    { concurrency: SIDE_BY_SIDE },
  );

function failed({ earlier }: TargetCase, error: unknown): TargetResult {
  if (error instanceof CallError) {
    const { class: errorClass, message, tries, spend } = error;
    return {
      ...spend,
      error: { class: errorClass, message },
      ...(tries.length > 0 && { tries }),
    };
  }
  if (error instanceof TemplateError) {
    return {
      error: { class: 'template_error', message: error.message },
      ...(earlier && { tries: earlier }),
    };
  }
  throw error;
}

/** Without what is undefined, which an object that is stored should not have. */
export function known<Fields extends Record<string, unknown>>(
  fields: Fields,
): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  const kept: { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } = {};
  for (const name in fields) {
    const value = fields[name];
    if (isGiven(value)) kept[name] = value;
  }
  return kept;
}

const isGiven = <Value>(value: Value): value is Exclude<Value, undefined> => value !== undefined;
