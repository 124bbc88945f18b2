import { createHash } from 'node:crypto';

const WINDOW_MS = 60_000;
const MOST_ADDRESSES = 10_000;

/** How many wrong keys one address may try: counted per process, and only failures count. */
export class FailureLimit {
  readonly #most: number;
  readonly #now: () => number;
  readonly #failures = new Map<string, { count: number; until: number }>();

  constructor(most = 100, now: () => number = Date.now) {
    this.#most = most;
    this.#now = now;
  }

  /** Seconds for which the address has to wait; 0 where it has not. */
  waitSeconds(address: string): number {
    const entry = this.#failures.get(address);
    if (!entry || entry.count < this.#most) return 0;
    return Math.max(0, Math.ceil((entry.until - this.#now()) / 1000));
  }

  note(address: string): void {
    const now = this.#now();
    const entry = this.#failures.get(address);
    if (entry && entry.until > now) {
      entry.count += 1;
      return;
    }
    // Taken out and put in again: the map's order is that of the ends of the windows.
    this.#failures.delete(address);
    this.#failures.set(address, { count: 1, until: now + WINDOW_MS });
    for (const [oldest, { until }] of this.#failures) {
      if (until > now && this.#failures.size <= MOST_ADDRESSES) break;
      this.#failures.delete(oldest);
    }
  }
}

const MOST_KEYS = 10_000;

/** The keys that were right in this process lately, as hashes. */
export class RecentKeys {
  readonly #hashes = new Set<string>();

  has(key: string): boolean {
    return this.#hashes.has(hash(key));
  }

  add(key: string): void {
    if (this.#hashes.size >= MOST_KEYS) this.#hashes.clear();
    this.#hashes.add(hash(key));
  }

  delete(key: string): void {
    this.#hashes.delete(hash(key));
  }
}

const hash = (key: string): string => createHash('sha256').update(key).digest('base64');
