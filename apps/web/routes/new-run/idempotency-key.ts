import { z } from 'zod';
import type { SubmitRun } from '#libs/contracts';

/** Where the key is kept in this tab. */
export const idempotencyPlace = (projectId: string): string => `llm-eval-new-run-key:${projectId}`;

const kept = z.object({ body: z.string(), key: z.string() });

/**
 * The key under which a run is submitted: the same one for as long as it is the same run, also after a
 * reload, so that neither a second click nor a lost answer makes two; another one once it has changed.
 */
export function idempotencyKeyFor(projectId: string, request: SubmitRun): string {
  const place = idempotencyPlace(projectId);
  const body = JSON.stringify(request);
  const before = kept.safeParse(parsed(sessionStorage.getItem(place))).data;
  if (before?.body === body) return before.key;
  // Not `randomUUID`, which pages without TLS do not have.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const key = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  try {
    sessionStorage.setItem(place, JSON.stringify({ body, key }));
  } catch {
    // Without room for it, a reload could make another run; the button itself takes one click.
  }
  return key;
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}
