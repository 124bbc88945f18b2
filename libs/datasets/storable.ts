/** Deeper JSON is refused: parsers down the line, PostgreSQL's among them, recurse. */
export const DEEPEST_JSON = 200;

/** Why a JSON value cannot be stored as it is, and where. */
export interface Unstorable {
  /** Dotted path. */
  path: string;
  message: string;
}

/**
 * Looks for what JSON.parse accepts but the tables could not give back: numbers beyond the range of a
 * double, nesting without end and, where `wellFormed` asks for it, lone surrogates (columns of type
 * json keep them, text and jsonb cannot) and the key __proto__ (which schemas drop without a word).
 */
export function findUnstorable(
  value: unknown,
  options: { wellFormed: boolean },
): Unstorable | undefined {
  return look(value, 0, options.wellFormed);
}

function look(value: unknown, depth: number, wellFormed: boolean): Unstorable | undefined {
  if (typeof value === 'string') {
    if (!wellFormed || value.isWellFormed()) return undefined;
    return { path: '', message: 'holds half of a surrogate pair' };
  }
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return undefined;
    return { path: '', message: 'holds a number that is too large' };
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth === DEEPEST_JSON) {
    return { path: '', message: `is nested more than ${DEEPEST_JSON} levels deep` };
  }
  for (const [key, part] of Object.entries(value)) {
    if (wellFormed && key === '__proto__') return { path: key, message: 'is not allowed as a key' };
    const found =
      (wellFormed ? look(key, depth, true) : undefined) ?? look(part, depth + 1, wellFormed);
    if (found) return { ...found, path: found.path === '' ? key : `${key}.${found.path}` };
  }
  return undefined;
}
