import { MetricError } from '../metric-error.ts';

/**
 * The cosine of the angle between two vectors: x·y / (|x| |y|), from −1 to 1.
 * @throws {MetricError} `invalid_response` for vectors of different length, or without a direction
 */
export function cosineSimilarity(x: readonly number[], y: readonly number[]): number {
  if (x.length !== y.length) throw unusable('vectors of different length');
  let product = 0;
  let squaresOfX = 0;
  let squaresOfY = 0;
  for (const [place, left] of x.entries()) {
    const right = y[place] ?? 0;
    product += left * right;
    squaresOfX += left * left;
    squaresOfY += right * right;
  }
  const cosine = product / (Math.sqrt(squaresOfX) * Math.sqrt(squaresOfY));
  if (!Number.isFinite(cosine)) throw unusable('a vector without a direction');
  // Rounding can lead a hair beyond both ends.
  return Math.max(-1, Math.min(1, cosine));
}

const unusable = (what: string): MetricError =>
  new MetricError(`the embedding model gave ${what}`, { class: 'invalid_response' });
