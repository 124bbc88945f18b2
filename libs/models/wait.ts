type Headers = Readonly<Record<string, string>>;

const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Milliseconds for which the other side asks to be left alone, by the headers of its answer;
 * undefined where it says nothing. What it asks outright goes before when its limits reset: of those, the limits that
 * are used up count, and where none says so, the one that resets first.
 * @param now milliseconds since 1970, for what is a point in time
 */
export function waitOf(headers: Headers, now: number): number | undefined {
  const milliseconds = Number(headers['retry-after-ms'] || Number.NaN);
  if (milliseconds >= 0) return milliseconds;
  const asked = durationOf(headers['retry-after'], now);
  if (asked !== undefined) return asked;
  const resets = Object.entries(headers).flatMap(([name, value]) => {
    const limit = /^(x-ratelimit-reset(?:-\w+)?|anthropic-ratelimit-[\w-]+-reset)$/.exec(name)?.[1];
    const wait = limit === undefined ? undefined : durationOf(value, now);
    if (wait === undefined) return [];
    return [{ wait, isUsedUp: headers[name.replace('reset', 'remaining')]?.trim() === '0' }];
  });
  const usedUp = resets.filter(({ isUsedUp }) => isUsedUp).map(({ wait }) => wait);
  if (usedUp.length > 0) return Math.max(...usedUp);
  return resets.length > 0 ? Math.min(...resets.map(({ wait }) => wait)) : undefined;
}

/** Seconds, `6m0s`, a date, or seconds or milliseconds since 1970. */
export function durationOf(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) {
    const number = Number(text);
    if (number > 1e12) return Math.max(0, number - now);
    if (number > 1e9) return Math.max(0, number * 1000 - now);
    return number * 1000;
  }
  if (/^(\d+(\.\d+)?(ms|[smhd]))+$/.test(text)) {
    const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)];
    return parts.reduce(
      (sum, [, count, unit = 's']) => sum + Number(count) * (units[unit] ?? 0),
      0,
    );
  }
  // Only what looks like a date: the parser takes much else for one.
  const date = /\d{4}/.test(text) && /[:T]/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
