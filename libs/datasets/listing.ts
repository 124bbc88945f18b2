/** What is shown of an exact time: milliseconds, as everywhere. */
export const toMilliseconds = (exact: string): string => `${exact.slice(0, 23)}Z`;
