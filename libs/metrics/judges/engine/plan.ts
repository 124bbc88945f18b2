import type { MetricCase } from '#libs/evaluation';
import { textOf } from '../../values/text.ts';
import { atPath, pathOption } from './context.ts';

/** The option of judges that look at an agent's plan. */
export const planOption = {
  plan: pathOption(
    'Where the agent’s plan stands, such as output.plan; left out: output.plan, or else metadata.plan',
  ),
};

/** In the definitions of judges that look at an agent's plan. */
export const planDefinition =
  'The plan is what the path in the configuration leads to, or else output.plan or metadata.plan; an item without one is not applicable.';

/** The agent's plan as a text; undefined where there is none. */
export function planOf(item: MetricCase, path: string | undefined): string | undefined {
  const plan =
    path === undefined
      ? (atPath(item, 'output.plan') ?? atPath(item, 'metadata.plan'))
      : atPath(item, path);
  const text = plan === undefined ? '' : textOf(plan);
  return text.trim() === '' ? undefined : text;
}
