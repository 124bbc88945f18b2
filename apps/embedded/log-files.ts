import {
  closeSync,
  copyFileSync,
  fstatSync,
  openSync,
  readSync,
  statSync,
  truncateSync,
} from 'node:fs';

/** The size of a file in bytes; 0 where there is none. */
export function fileSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** What was appended to a file since `from`; its last `limit` bytes when that is more. */
export function readFrom(path: string, from: number, limit = 65_536): string {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const start = Math.max(from > size ? 0 : from, size - limit);
    const buffer = Buffer.alloc(size - start);
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, start));
  } finally {
    closeSync(file);
  }
}

/** The last non-empty line after `from` that matches, where there is one. */
export function lastLine(path: string, from: number, pattern = /\S/): string | undefined {
  if (fileSize(path) === 0) return undefined;
  return readFrom(path, from)
    .split('\n')
    .findLast((line) => pattern.test(line))
    ?.trim();
}

/**
 * Keeps a log from growing without limit: one that has more than `limit` bytes moves to `<path>.1`.
 * Its writers keep appending to the same file, so nobody has to be told.
 */
export function capLog(path: string, limit: number): void {
  if (fileSize(path) <= limit) return;
  copyFileSync(path, `${path}.1`);
  truncateSync(path, 0);
}
