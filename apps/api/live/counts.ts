/** How many each of many has, of which none may have more than some number. Who has none costs nothing. */
export class Counts {
  readonly #counts = new Map<string, number>();

  /** One more; false, and nothing is changed, where it has that many already. */
  take(name: string, most: number): boolean {
    const count = this.#counts.get(name) ?? 0;
    if (count >= most) return false;
    this.#counts.set(name, count + 1);
    return true;
  }

  add(name: string): void {
    this.take(name, Infinity);
  }

  give(name: string): void {
    const left = (this.#counts.get(name) ?? 0) - 1;
    if (left > 0) this.#counts.set(name, left);
    else this.#counts.delete(name);
  }

  /** How many have any. */
  get size(): number {
    return this.#counts.size;
  }

  /** The most that any has. */
  most(): number {
    let most = 0;
    for (const count of this.#counts.values()) most = Math.max(most, count);
    return most;
  }

  entries(): [string, number][] {
    return [...this.#counts];
  }
}
