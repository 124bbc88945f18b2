import { z } from 'zod';
import { capLog, fileSize, readFrom } from './log-files.ts';

const intervalMs = 500;
const logLimit = 20 * 1024 * 1024;
const errorLevel = 50;

const lineSchema = z.object({
  level: z.number(),
  msg: z.string().optional(),
  err: z.object({ message: z.string() }).optional(),
});

/** The text of a JSON log line of level error or above; undefined for every other line. */
export function errorText(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const { data } = lineSchema.safeParse(JSON.parse(line));
    if (data === undefined || data.level < errorLevel) return undefined;
    return [data.msg, data.err?.message].filter(Boolean).join(': ') || 'an error without a message';
  } catch {
    return undefined; // Cut off, or not JSON after all.
  }
}

/** The last words of a process: its last error, or whatever its last line says. */
export function lastWords(path: string, from: number): string | undefined {
  if (fileSize(path) <= from) return undefined;
  const lines = readFrom(path, from).split('\n');
  const stackTitle = lines.findLast((line) => /^(\w*Error\b|Error\b).*: /.test(line));
  const error = lines.map(errorText).findLast((text) => text !== undefined);
  return error ?? stackTitle ?? lines.findLast((line) => line.trim() !== '');
}

/**
 * Follows a log from a position on and passes on its errors, at most one per half second; `more` counts the others of
 * that moment. Keeps the log below its limit as well. Returns what ends it.
 */
export function followErrors(
  path: string,
  from: number,
  onError: (text: string, more: number) => void,
): () => void {
  let position = from;
  const look = (): void => {
    try {
      read();
    } catch {
      // The log was removed, or the disk is full: the services matter, their errors here do not.
    }
  };
  const read = (): void => {
    const size = fileSize(path);
    if (size === position) return;
    const texts = readFrom(path, position)
      .split('\n')
      .map(errorText)
      .filter((text) => text !== undefined);
    position = size;
    if (texts[0] !== undefined) onError(texts[0], texts.length - 1);
    if (size > logLimit) {
      capLog(path, logLimit);
      position = fileSize(path);
    }
  };
  const timer = setInterval(look, intervalMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    look();
  };
}
