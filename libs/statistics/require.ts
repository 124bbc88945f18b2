/** @throws {RangeError} */
export function requireConfidence(confidence: number): void {
  if (!(confidence > 0 && confidence < 1)) {
    throw new RangeError('confidence must be between 0 and 1, such as 0.95');
  }
}

/** @throws {RangeError} */
export function requireCount(count: number): void {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new RangeError('a count must be a whole number, 0 or more');
  }
}
