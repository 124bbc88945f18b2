const LOOK_EVERY_MS = 20;

/**
 * Waits for a condition: looks until `look` answers with something, and fails with what `describe`
 * says when that takes too long.
 */
export async function waitFor<Found>(
  look: () => Promise<Found | undefined> | Found | undefined,
  describe: () => Promise<string> | string = () => 'the condition did not come true',
  timeoutMs = 15_000,
): Promise<Found> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms: ${await describe()}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
