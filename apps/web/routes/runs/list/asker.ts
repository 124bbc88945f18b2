const AT_ONCE = 100;
const AGAIN_MS = 5_000;

/**
 * Asks for things by their ids, many at once and one call after another: what is named while a call is
 * under way is asked for with the next one. What failed is asked for again.
 */
export class Asker {
  readonly #ask: (ids: string[]) => Promise<void>;
  readonly #pauseMs: number;
  #waiting = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #busy = false;
  #stopped = false;

  constructor(ask: (ids: string[]) => Promise<void>, pauseMs: number) {
    this.#ask = ask;
    this.#pauseMs = pauseMs;
  }

  /** @param now at once: somebody waits for it */
  name(ids: Iterable<string>, now = false): void {
    for (const id of ids) this.#waiting.add(id);
    this.#soon(now ? 0 : this.#pauseMs);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #soon(milliseconds: number): void {
    if (this.#busy || this.#stopped || this.#waiting.size === 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#next(), milliseconds);
  }

  async #next(): Promise<void> {
    const ids = [...this.#waiting].slice(0, AT_ONCE);
    for (const id of ids) this.#waiting.delete(id);
    this.#busy = true;
    let pause = this.#pauseMs;
    try {
      await this.#ask(ids);
    } catch {
      for (const id of ids) this.#waiting.add(id);
      pause = AGAIN_MS;
    }
    this.#busy = false;
    this.#soon(pause);
  }
}
