import { LRUCache } from 'lru-cache';

const KEPT_MAX = 200;
const KEPT_CHARACTERS = 20_000_000;

/**
 * Compiles the same source once: each batch makes its target anew, and a batch of calls is one item,
 * for which compiling its templates would cost more than everything else.
 */
export function compileOnce<Source extends object, Compiled extends object>(
  compile: (source: Source) => Compiled,
): (source: Source) => Compiled {
  const kept = new LRUCache<string, Compiled>({
    max: KEPT_MAX,
    maxSize: KEPT_CHARACTERS,
    sizeCalculation: (_compiled, key) => key.length,
  });
  return (source) => {
    const key = JSON.stringify(source);
    const known = kept.get(key);
    if (known) return known;
    const compiled = compile(source);
    kept.set(key, compiled);
    return compiled;
  };
}
