/**
 * What Python's `str.split` and `str.strip` take for white space, as the reference implementations do.
 * Unlike `\s` of JavaScript it has U+001C to U+001F and U+0085, and not U+FEFF.
 */
const spaces =
  '\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000';
const word = new RegExp(`[^${spaces}]+`, 'g');

/** The words between white space. */
export const wordsOf = (text: string): readonly string[] => text.match(word) ?? [];

/** Without white space at the end; a regular expression would start anew at each run of it. */
export function trimmedEnd(text: string): string {
  let end = text.length;
  while (end > 0 && spaces.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** Without white space at either end. */
export function trimmed(text: string): string {
  const rest = trimmedEnd(text);
  let start = 0;
  while (start < rest.length && spaces.includes(rest.charAt(start))) start += 1;
  return rest.slice(start);
}

/** The code points of a text; half of a surrogate pair is one of its own. */
export function codePoints(text: string, { whitespace }: { whitespace: boolean }): Int32Array {
  const points = new Int32Array(text.length);
  let count = 0;
  for (let place = 0; place < text.length; place += 1) {
    const point = text.codePointAt(place) ?? 0;
    if (point > 0xffff) place += 1;
    else if (!whitespace && isSpace(point)) continue;
    points[count] = point;
    count += 1;
  }
  return points.subarray(0, count);
}

const isSpace = (unit: number): boolean =>
  unit <= 0x20
    ? unit === 0x20 || (unit >= 0x1c && unit < 0x20) || (unit >= 0x09 && unit <= 0x0d)
    : unit >= 0x85 && spaces.includes(String.fromCharCode(unit));

/** Numbers words: the same number for the same word. */
export class Vocabulary {
  readonly #numbers = new Map<string, number>();

  /** @returns the words' numbers, counted from 0 in the order in which words appear */
  numbersOf(words: readonly string[]): Int32Array {
    const numbers = new Int32Array(words.length);
    for (let place = 0; place < words.length; place += 1) {
      const text = words[place] ?? '';
      let number = this.#numbers.get(text);
      if (number === undefined) {
        number = this.#numbers.size;
        this.#numbers.set(text, number);
      }
      numbers[place] = number;
    }
    return numbers;
  }

  /** How many different words there are. */
  get size(): number {
    return this.#numbers.size;
  }
}
