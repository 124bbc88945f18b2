import type { FileHandle } from 'node:fs/promises';
import { RequestError } from '#libs/contracts';
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { fromFdPromise, type Entry, type ZipFile } from 'yauzl';
import { LONGEST_LINE } from '../rows.ts';

const MOST_PARTS = 10_000;
/** Deeper XML is in no workbook. */
const DEEPEST_XML = 100;

/** What is called as a part of a workbook is read; names are without their prefix. */
export interface XmlHandler {
  open?(name: string, attributes: Record<string, string>): void;
  text?(text: string): void;
  close?(name: string): void;
}

/** The parts of a workbook, which is a ZIP of XML. */
export class WorkbookPackage {
  readonly #zip: ZipFile;
  readonly #parts: ReadonlyMap<string, Entry>;

  private constructor(zip: ZipFile, parts: ReadonlyMap<string, Entry>) {
    this.#zip = zip;
    this.#parts = parts;
  }

  /** The handle stays with the caller, who closes it. @throws {RequestError} `invalid_xlsx` */
  static async open(handle: FileHandle): Promise<WorkbookPackage> {
    return readable(async () => {
      const start = Buffer.alloc(4);
      await handle.read(start, 0, 4, 0);
      // What Office encrypts, and what it wrote before 2007, are files of another kind.
      if (start.equals(OLE)) {
        throw invalidXlsx('it is protected by a password, or is an older .xls; save it as .xlsx');
      }
      const zip = await fromFdPromise(handle.fd, { autoClose: false });
      const parts = new Map<string, Entry>();
      for await (const entry of zip.eachEntry()) {
        if (parts.size === MOST_PARTS) throw invalidXlsx('it has too many parts');
        parts.set(partName(entry.fileName), entry);
      }
      return new WorkbookPackage(zip, parts);
    });
  }

  has(name: string): boolean {
    return this.#parts.has(partName(name));
  }

  /**
   * Reads a part piece by piece: yields after each, so that whoever listens can hand on what is there.
   * @param most its size unpacked, in bytes; it never unpacks to more than it announces
   * @throws {RequestError} `invalid_xlsx`
   */
  async *read(name: string, most: number, handler: XmlHandler): AsyncGenerator<void> {
    const entry = this.#parts.get(partName(name));
    if (!entry) throw invalidXlsx(`it has no part ${name}`);
    if (entry.uncompressedSize > most) {
      throw invalidXlsx(
        `its part ${name} is larger than ${most / 1e6} MB unpacked; upload it as CSV, which has no such limit`,
      );
    }
    const stream = await readable(() => this.#zip.openReadStreamPromise(entry));
    const chunks: AsyncIterator<unknown> = stream[Symbol.asyncIterator]();
    const reader = new XmlReader(handler);
    try {
      for (;;) {
        const next = await readable(() => chunks.next());
        if (next.done === true) break;
        const chunk = next.value;
        await readable(async () => reader.write(chunk instanceof Uint8Array ? chunk : undefined));
        yield;
      }
      await readable(async () => reader.end());
      yield;
    } finally {
      stream.destroy();
    }
  }

  async readAll(name: string, most: number, handler: XmlHandler): Promise<void> {
    for await (const _ of this.read(name, most, handler));
  }
}

const OLE = Buffer.from([0xd0, 0xcf, 0x11, 0xe0]);

const partName = (name: string): string => name.replace(/^\//, '').toLowerCase();

/** Holds what the parser may pile up, which is whatever has no end: a text, a tag, a comment. */
class XmlReader {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  readonly #parser = new SaxesParser({ position: false, xmlns: false });
  #depth = 0;
  #pending = 0;

  constructor(handler: XmlHandler) {
    this.#parser.on('opentag', (tag: SaxesTagPlain) => {
      this.#pending = 0;
      this.#depth += 1;
      if (this.#depth > DEEPEST_XML) throw invalidXlsx('its XML is nested too deep');
      handler.open?.(localName(tag.name), tag.attributes);
    });
    this.#parser.on('text', (data) => {
      this.#pending = 0;
      handler.text?.(data);
    });
    this.#parser.on('cdata', (data) => {
      this.#pending = 0;
      handler.text?.(data);
    });
    this.#parser.on('closetag', (tag: SaxesTagPlain) => {
      this.#pending = 0;
      this.#depth -= 1;
      handler.close?.(localName(tag.name));
    });
  }

  write(chunk: Uint8Array | undefined): void {
    const text = this.#decoder.decode(chunk, { stream: true });
    this.#pending += text.length;
    if (this.#pending > 2 * LONGEST_LINE) throw invalidXlsx('a text or a tag in it has no end');
    this.#parser.write(text);
  }

  end(): void {
    this.#parser.write(this.#decoder.decode());
    this.#parser.close();
  }
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

/** Whatever the libraries stumble over lies in the file. */
async function readable<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RequestError) throw error;
    throw invalidXlsx(error instanceof Error ? error.message : 'it cannot be read');
  }
}

const LONGEST_REASON = 300;

export const invalidXlsx = (reason: string): RequestError =>
  new RequestError(
    'invalid',
    'invalid_xlsx',
    `The body is not an XLSX workbook, or cannot be used: ${reason.slice(0, LONGEST_REASON)}. Nothing was stored.`,
  );
