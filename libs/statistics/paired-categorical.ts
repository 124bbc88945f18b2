import gammainc from '@stdlib/math-base-special-gammainc';
import { Matrix, pseudoInverse } from 'ml-matrix';
import type { ConfusionMatrix } from './agreement.ts';
import { requireCount } from './require.ts';

export interface MarginalHomogeneity {
  /** χ² of the differences of the two margins. */
  statistic: number;
  degreesOfFreedom: number;
  p: number;
}

/**
 * Stuart and Maxwell's test of whether two runs give each category equally often to the same items:
 * with d_i = n_i. − n_.i of all but one of the categories that either gave, and V their covariance where
 * the margins are equal (v_ii = n_i. + n_.i − 2 n_ii, v_ij = −n_ij − n_ji), χ² = dᵀ V⁻¹ d with as many
 * degrees of freedom. With two categories it is McNemar's test without correction for continuity. Null
 * where no item changed. An approximation for many changes; below 20 or so it is a rough guide.
 *
 * Categories that only changed among themselves, in groups, make V singular: its pseudo-inverse and rank
 * then take the place of inverse and number, which tests each group within itself.
 *
 * Source: A. Stuart, "A test for homogeneity of the marginal distributions in a two-way classification",
 * Biometrika 42 (1955), 412–416; A. E. Maxwell, "Comparing the classification of subjects by two
 * independent judges", British Journal of Psychiatry 116 (1970), 651–655; as statsmodels'
 * `SquareTable.homogeneity`.
 * @param changes rows are the baseline's categories, columns the candidate's
 */
export function marginalHomogeneity(changes: ConfusionMatrix): MarginalHomogeneity | null {
  for (const count of changes.flat()) requireCount(count);
  const size = changes.length;
  if (changes.some((row) => row.length !== size)) throw new RangeError('a table must be square');
  const at = (row: number, column: number): number => changes[row]?.[column] ?? 0;
  const places = changes.map((_, place) => place);
  const covariance = Matrix.zeros(size, size);
  const differences = Matrix.zeros(size, 1);
  for (const i of places) {
    const changed = places.filter((j) => j !== i);
    for (const j of changed) covariance.set(i, j, -(at(i, j) + at(j, i)));
    const moved = changed.map((j) => ({ from: at(i, j), to: at(j, i) }));
    covariance.set(
      i,
      i,
      moved.reduce((sum, { from, to }) => sum + from + to, 0),
    );
    differences.set(
      i,
      0,
      moved.reduce((sum, { from, to }) => sum + from - to, 0),
    );
  }
  const degreesOfFreedom = groupedRank(places, (i, j) => at(i, j) + at(j, i) > 0);
  if (degreesOfFreedom === 0) return null;
  // Over all categories V is singular by one for each group: the pseudo-inverse is the inverse of the rest.
  const statistic = Math.max(
    0,
    differences.transpose().mmul(pseudoInverse(covariance)).mmul(differences).get(0, 0),
  );
  return {
    statistic,
    degreesOfFreedom,
    p: gammainc(statistic / 2, degreesOfFreedom / 2, true, true),
  };
}

/** Places less the groups that they form: the rank of a matrix of their changes. */
function groupedRank(
  places: readonly number[],
  areJoined: (i: number, j: number) => boolean,
): number {
  const left = new Set(places);
  let groups = 0;
  for (const start of places) {
    if (!left.delete(start)) continue;
    groups += 1;
    const open = [start];
    for (let i = open.pop(); i !== undefined; i = open.pop()) {
      for (const j of left) {
        if (!areJoined(i, j)) continue;
        left.delete(j);
        open.push(j);
      }
    }
  }
  return places.length - groups;
}
