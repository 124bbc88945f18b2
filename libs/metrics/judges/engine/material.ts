import type { MetricCase } from '#libs/evaluation';
import type { Json } from '#libs/contracts';
import { textOf } from '../../values/text.ts';
import { materialIsData } from './prompt.ts';

/** What the variables of `materialOf` hold, for the prompts that name them. */
export const itemVariables = {
  input: 'the item’s input',
  output: 'the output that is judged',
  expected: 'what is expected; null where the item has nothing',
} as const;

/** The item in a prompt, as people who define a judge of their own have it shown. */
export const caseShown = `${materialIsData}

<input>
{{ input }}
</input>
{% if expected %}
What was expected, for comparison:
<expected>
{{ expected }}
</expected>
{% endif %}
<output>
{{ output }}
</output>`;

/**
 * An item as prompts name it, by `itemVariables`: texts as they are, anything else as JSON, and no
 * input as an empty text.
 * @throws {MetricError} for JSON that nests too deep
 */
export const materialOf = ({ input, output, expected }: MetricCase) => ({
  input: textOrNull(input) ?? '',
  output: textOf(output),
  expected: textOrNull(expected),
});

/** For what an item may lack: null, which an `{% if %}` in a prompt leaves out. */
export const textOrNull = (value: Json | undefined): string | null =>
  value === undefined || value === null ? null : textOf(value);
