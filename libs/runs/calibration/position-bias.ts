import type { Calibration, Json } from '#libs/contracts';
import { z } from 'zod';

/** What a pairwise judge says of one pair in both orders: which place it preferred. */
const pairDetails = z.object({
  orders: z.array(z.object({ preferred: z.enum(['first', 'second', 'tie']) })).length(2),
});

/**
 * Counts how far a pairwise judge goes by the place at which an answer stands: the same answer is
 * preferred in both orders where the preferred place differs, and the verdict depends on the order
 * where it does not. A tie in one order only depends on it too, but speaks for neither place.
 */
export class PositionBias {
  #n = 0;
  #consistent = 0;
  #first = 0;
  #second = 0;

  /** @param details of one scored pair; what has no two orders is not counted */
  add(details: Json): void {
    const parsed = pairDetails.safeParse(details);
    if (!parsed.success) return;
    const [one, other] = parsed.data.orders.map(({ preferred }) => preferred);
    this.#n += 1;
    if (one === 'tie' ? other === 'tie' : other !== 'tie' && one !== other) this.#consistent += 1;
    else if (one === other) {
      if (one === 'first') this.#first += 1;
      else this.#second += 1;
    }
  }

  result(): NonNullable<Calibration['positionBias']> {
    const dependent = this.#n - this.#consistent;
    const share = (count: number, of: number) => (of === 0 ? null : count / of);
    return {
      n: this.#n,
      consistent: share(this.#consistent, this.#n),
      firstPreferred: share(this.#first, dependent),
      secondPreferred: share(this.#second, dependent),
    };
  }
}
