/** A number of places; who finds none waits in line. */
export class Slots {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** True once there is a place; false when there was none in time, or nobody needs it any more. */
  async take(waitMs: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.#free > 0) {
      this.#free -= 1;
      return true;
    }
    return new Promise((resolve) => {
      const settle = (taken: boolean) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        this.#waiting.delete(take);
        resolve(taken);
      };
      const take = () => settle(true);
      const giveUp = () => settle(false);
      const timer = setTimeout(giveUp, waitMs);
      signal.addEventListener('abort', giveUp);
      this.#waiting.add(take);
    });
  }

  /** Gives a place back, to the one who has waited longest. */
  give(): void {
    const [next] = this.#waiting;
    if (next) next();
    else this.#free += 1;
  }
}
