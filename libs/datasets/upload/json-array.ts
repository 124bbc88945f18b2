import { RequestError } from '#libs/contracts';
import { badLine, LONGEST_LINE, notJson, tooLong, type UploadRow } from './rows.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);
const END_OF_ARRAY = 0x5d;

const LONGEST_FRAME = 1_000;
const BEFORE_ITEMS = /^\uFEFF?\s*(\{\s*"items"\s*:\s*)?$/;

/**
 * The items of `[…]` or `{"items": […]}`, whose "line" is their number in the array. Only finds where
 * each item ends and leaves reading it to JSON.parse, so it holds one item and never the array.
 * @throws {LineError} at the first item that is not JSON
 * @throws {RequestError} `invalid_json` where there is no such array around them
 */
export async function* readJsonArray(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<UploadRow[], void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const scanner = new ItemScanner();
  for await (const chunk of bytes) {
    let text: string;
    try {
      text = decoder.decode(chunk, { stream: true });
    } catch {
      throw badLine(scanner.item, 'is not UTF-8 text');
    }
    yield* scanner.scan(text);
  }
  scanner.end();
}

class ItemScanner {
  /** The number of the item that is being read, from 1. */
  item = 1;
  #phase: 'before' | 'items' | 'after' = 'before';
  #wrapped = false;
  /** The text around the array, then that of the item, as far as it has come. */
  #held: string[] = [];
  #heldLength = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;

  *scan(text: string): Generator<UploadRow[], void, undefined> {
    let from = 0;
    if (this.#phase === 'before') {
      from = this.#open(text);
      if (from < 0) return;
    }
    const rows: UploadRow[] = [];
    if (this.#phase === 'items') {
      try {
        from = this.#items(text, from, rows);
      } catch (error) {
        yield rows;
        throw error;
      }
    }
    yield rows;
    this.#hold(text.slice(from));
    if (this.#phase === 'items' && this.#heldLength > LONGEST_LINE) throw tooLong(this.item);
    if (this.#phase === 'after') this.#checkFrame();
  }

  end(): void {
    if (this.#phase === 'items') throw badLine(this.item, 'the JSON ends before its array does');
    const around = this.#held.join('').trim();
    if (this.#phase === 'before' && around !== '') throw notAnArray();
    if (this.#phase === 'after' && around !== (this.#wrapped ? '}' : '')) throw notAnArray();
  }

  /** Where the items start in `text`, or -1 where they do not start yet. */
  #open(text: string): number {
    const bracket = text.indexOf('[');
    this.#hold(bracket < 0 ? text : text.slice(0, bracket));
    if (bracket < 0) {
      this.#checkFrame();
      return -1;
    }
    const before = BEFORE_ITEMS.exec(this.#take(''));
    if (before === null) throw notAnArray();
    this.#wrapped = before[1] !== undefined;
    this.#phase = 'items';
    return bracket + 1;
  }

  /** Reads the items that end in `text` into `rows`; answers where the rest starts. */
  #items(text: string, from: number, rows: UploadRow[]): number {
    let start = from;
    for (let index = from; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (code === BACKSLASH) this.#escaped = true;
        else if (code === QUOTE) this.#inString = false;
      } else if (code === QUOTE) {
        this.#inString = true;
      } else if (OPENING.has(code)) {
        this.#depth += 1;
      } else if (CLOSING.has(code) && this.#depth > 0) {
        this.#depth -= 1;
      } else if (code === COMMA && this.#depth === 0) {
        rows.push(this.#read(this.#take(text.slice(start, index))));
        start = index + 1;
      } else if (code === END_OF_ARRAY) {
        const last = this.#take(text.slice(start, index));
        if (last.trim() !== '' || this.item > 1) rows.push(this.#read(last));
        this.#phase = 'after';
        return index + 1;
      }
    }
    return start;
  }

  #read(text: string): UploadRow {
    const line = this.item;
    if (text.length > LONGEST_LINE) throw tooLong(line);
    if (text.trim() === '') throw badLine(line, 'there is a comma with no item beside it');
    this.item += 1;
    try {
      return { line, value: JSON.parse(text) };
    } catch (error) {
      // Where an item is no JSON, where it ends is a guess, and so is all that follows.
      throw badLine(line, notJson(error));
    }
  }

  #hold(text: string): void {
    this.#held.push(text);
    this.#heldLength += text.length;
  }

  #take(text: string): string {
    const all = this.#held.join('') + text;
    this.#held = [];
    this.#heldLength = 0;
    return all;
  }

  /** White space around the array may be long, but is not kept. */
  #checkFrame(): void {
    if (this.#heldLength <= LONGEST_FRAME) return;
    const frame = this.#take('').replaceAll(/\s+/g, ' ');
    if (frame.length > LONGEST_FRAME) throw notAnArray();
    this.#hold(frame);
  }
}

const notAnArray = (): RequestError =>
  new RequestError(
    'invalid',
    'invalid_json',
    'The body must be a JSON array of items, or {"items": […]} and nothing else. Nothing was stored.',
  );
