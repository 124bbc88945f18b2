/**
 * What a test needs and this machine lacks: skipped with a visible line, and a failure where CI is set.
 * @returns whether the test can run
 */
export function available(what: string, isThere: boolean): boolean {
  if (isThere) return true;
  if (process.env.CI) throw new Error(`This test needs ${what}.`);
  process.stderr.write(`\nSKIPPED: a test of faults needs ${what}.\n\n`);
  return false;
}
