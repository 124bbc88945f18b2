import type { Json } from '#libs/contracts';

/**
 * Whether two JSON values are the same: fields in any order, lists in the same order, numbers by value,
 * texts as `same` tells. A list of open pairs and not recursion, since outputs nest as deep as they like.
 */
export function jsonEqual(a: Json, b: Json, same: (a: string, b: string) => boolean): boolean {
  const open: [Json, Json][] = [[a, b]];
  for (let pair = open.pop(); pair; pair = open.pop()) {
    const [left, right] = pair;
    if (typeof left === 'string' && typeof right === 'string') {
      if (!same(left, right)) return false;
    } else if (Array.isArray(left) && Array.isArray(right)) {
      if (left.length !== right.length) return false;
      for (const [place, value] of left.entries()) {
        const other = right[place];
        if (other === undefined) return false;
        open.push([value, other]);
      }
    } else if (isObject(left) && isObject(right)) {
      const names = Object.keys(left);
      if (names.length !== Object.keys(right).length) return false;
      for (const name of names) {
        const value = left[name];
        const other = Object.hasOwn(right, name) ? right[name] : undefined;
        if (value === undefined || other === undefined) return false;
        open.push([value, other]);
      }
    } else if (left !== right) return false;
  }
  return true;
}

const isObject = (value: Json): value is { [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
