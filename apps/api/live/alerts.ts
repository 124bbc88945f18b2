import type { Logger } from '#libs/config';

const PATIENCE_MS = 5_000;
/** Of one kind at most one in this time. */
const QUIET_MS = 60_000;

/** Tells the operator of something that wants a look. */
export interface Alerts {
  /**
   * Sends a POST with `{ event, at, ...details }`, unless the same was told a minute ago. Returns at
   * once and never throws: an alert that cannot be sent is a line in the log.
   */
  alert(event: string, details: Record<string, string | number>): void;
}

/** @param url where alerts go to; undefined: nowhere. The operator's own, so no guard is in its way. */
export function createAlerts(url: string | undefined, logger: Logger): Alerts {
  const toldAt = new Map<string, number>();
  return {
    alert(event, details) {
      if (url === undefined) return;
      const now = performance.now();
      if (now - (toldAt.get(event) ?? -QUIET_MS) < QUIET_MS) return;
      toldAt.set(event, now);
      send(url, { event, at: new Date().toISOString(), ...details }).catch((error: unknown) =>
        logger.warn({ err: error, event }, 'an alert could not be sent'),
      );
    },
  };
}

async function send(url: string, body: Record<string, string | number>): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`the alert was answered with status ${response.status}`);
}
