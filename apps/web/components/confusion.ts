/** Rows are what was expected, columns what was predicted. */
export interface ConfusionMatrix {
  labels: string[];
  matrix: number[][];
}

export interface Mistake {
  expected: string;
  predicted: string;
  count: number;
  /** Part of what was expected there. */
  share: number;
}

/** The pairs of labels that are confused most often. */
export function commonMistakes({ labels, matrix }: ConfusionMatrix, most: number): Mistake[] {
  return matrix
    .flatMap((row, from) => {
      const sum = total(row);
      return row.map((count, to) => ({ from, to, count, share: sum === 0 ? 0 : count / sum }));
    })
    .filter(({ from, to, count }) => from !== to && count > 0)
    .toSorted((a, b) => b.count - a.count)
    .slice(0, most)
    .map(({ from, to, count, share }) => ({
      expected: labels[from] ?? '',
      predicted: labels[to] ?? '',
      count,
      share,
    }));
}

/** The labels with the most cases, and nothing of the others; in their order. */
export function largestPart(confusion: ConfusionMatrix, most: number): ConfusionMatrix {
  const { labels, matrix } = confusion;
  if (labels.length <= most) return confusion;
  const kept = labels
    .map((_, place) => ({
      place,
      cases: total(matrix[place] ?? []) + total(matrix.map((row) => row[place] ?? 0)),
    }))
    .toSorted((a, b) => b.cases - a.cases)
    .slice(0, most)
    .map(({ place }) => place)
    .toSorted((a, b) => a - b);
  return {
    labels: kept.map((place) => labels[place] ?? ''),
    matrix: kept.map((row) => kept.map((column) => matrix[row]?.[column] ?? 0)),
  };
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
