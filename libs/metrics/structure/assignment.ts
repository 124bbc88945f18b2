import { linearSumAssignment } from 'linear-sum-assignment';

/**
 * Pairs as many rows with a column each as can be, so that the sum of their similarities is largest.
 * The time grows with the product of the sizes and the smaller of them: half a second for 500 and 500.
 * @param similarity of each row to each column
 * @returns for each row its column, undefined for those that are left over
 */
export function bestPairs(similarity: readonly (readonly number[])[]): (number | undefined)[] {
  const [first] = similarity;
  if (first === undefined || first.length === 0) return similarity.map(() => undefined);
  const { rowAssignments } = linearSumAssignment(
    similarity.map((row) => [...row]),
    { maximaze: true },
  );
  return similarity.map((_, row) => {
    const column = rowAssignments[row];
    return column === undefined || column < 0 ? undefined : column;
  });
}
