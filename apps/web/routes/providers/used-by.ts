import type { Run } from '#libs/contracts';

/** Whether a provider is named by the run's target, or by a judge or embedding among its metrics. */
export function usesProvider({ target, metrics }: Run, name: string): boolean {
  if (target.kind === 'model' && target.provider === name) return true;
  return metrics.some(({ config }) =>
    mentions(config, (key, value) => key === 'provider' && value === name),
  );
}

/** Whether the headers, the address or the body of the run's target name a secret. */
export function usesSecret({ target }: Run, name: string): boolean {
  if (target.kind !== 'http') return false;
  const pattern = new RegExp(`\\bsecrets\\.${name}\\b`);
  return mentions(target, (_, value) => pattern.test(value));
}

function mentions(value: unknown, is: (key: string, text: string) => boolean, key = ''): boolean {
  if (typeof value === 'string') return is(key, value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) => mentions(inner, is, name));
}
