import { invalidXlsx, type WorkbookPackage } from './package.ts';

/** What is needed of a workbook to read the cells of one of its sheets. */
export interface Workbook {
  sheetNames: readonly string[];
  /** The part with the cells. */
  sheetPart: string;
  strings: readonly string[];
  /** By style: whether its numbers are dates or times. */
  dateStyles: readonly boolean[];
  /** Whether days are counted from 1904. */
  from1904: boolean;
}

export interface WorkbookLimits {
  /** Of the texts that cells share, unpacked, in bytes; the only part that is held in memory. */
  stringBytes: number;
}

const LARGEST_SMALL_PART = 32_000_000;
const MOST_SHEETS_NAMED = 20;

interface Relationship {
  type: string;
  target: string;
}

/**
 * @param sheet by name; left out: the first one
 * @throws {RequestError} `invalid_xlsx`
 */
export async function readWorkbook(
  parts: WorkbookPackage,
  sheet: string | undefined,
  limits: WorkbookLimits,
): Promise<Workbook> {
  const root = await readRelationships(parts, '_rels/.rels', '');
  const workbookPart =
    [...root.values()].find(({ type }) => type.endsWith('/officeDocument'))?.target ??
    'xl/workbook.xml';
  const { folder, relationships: where } = placeOf(workbookPart);
  const { sheets, from1904 } = await readSheets(parts, workbookPart);
  const relationships = await readRelationships(parts, where, folder);
  const chosen = sheet === undefined ? sheets[0] : sheets.find(({ name }) => name === sheet);
  if (!chosen) {
    const names = sheets.slice(0, MOST_SHEETS_NAMED).map(({ name }) => JSON.stringify(name));
    throw invalidXlsx(
      sheet === undefined
        ? 'it has no sheet'
        : `it has no sheet ${JSON.stringify(sheet)}; there are ${names.join(', ')}`,
    );
  }
  const target = relationships.get(chosen.relationship);
  if (!target?.type.endsWith('/worksheet')) {
    throw invalidXlsx(`its sheet ${JSON.stringify(chosen.name)} holds no cells`);
  }
  const partOf = (type: string) =>
    [...relationships.values()].find((one) => one.type.endsWith(`/${type}`))?.target;
  const strings = partOf('sharedStrings');
  const styles = partOf('styles');
  return {
    sheetNames: sheets.map(({ name }) => name),
    sheetPart: target.target,
    strings: strings === undefined ? [] : await readStrings(parts, strings, limits),
    dateStyles: styles === undefined ? [] : await readDateStyles(parts, styles),
    from1904,
  };
}

function placeOf(part: string): { folder: string; relationships: string } {
  const slash = part.lastIndexOf('/');
  const folder = slash < 0 ? '' : part.slice(0, slash);
  return { folder, relationships: `${folder}/_rels/${part.slice(slash + 1)}.rels` };
}

async function readRelationships(
  parts: WorkbookPackage,
  name: string,
  folder: string,
): Promise<Map<string, Relationship>> {
  const found = new Map<string, Relationship>();
  if (!parts.has(name)) return found;
  await parts.readAll(name, LARGEST_SMALL_PART, {
    open(tag, { Id = '', Type = '', Target = '' }) {
      if (tag === 'Relationship') found.set(Id, { type: Type, target: resolve(folder, Target) });
    },
  });
  return found;
}

/** A target is relative to the folder of the part that names it, or starts at the root. */
function resolve(folder: string, target: string): string {
  if (target.startsWith('/')) return target.slice(1);
  const path: string[] = [];
  for (const step of `${folder}/${target}`.split('/')) {
    if (step === '..') path.pop();
    else if (step !== '' && step !== '.') path.push(step);
  }
  return path.join('/');
}

async function readSheets(parts: WorkbookPackage, name: string) {
  const sheets: { name: string; relationship: string }[] = [];
  let from1904 = false;
  await parts.readAll(name, LARGEST_SMALL_PART, {
    open(tag, attributes) {
      if (tag === 'workbookPr') from1904 = isTrue(attributes['date1904']);
      if (tag !== 'sheet') return;
      const [, relationship = ''] =
        Object.entries(attributes).find(([key]) => key.endsWith(':id')) ?? [];
      sheets.push({ name: attributes['name'] ?? '', relationship });
    },
  });
  return { sheets, from1904 };
}

const isTrue = (value: string | undefined): boolean => value === '1' || value === 'true';

/** Shared texts in their order; of each the text of its runs, without how they are pronounced. */
async function readStrings(
  parts: WorkbookPackage,
  name: string,
  limits: WorkbookLimits,
): Promise<string[]> {
  const strings: string[] = [];
  let text = '';
  let inText = false;
  let phonetic = false;
  await parts.readAll(name, limits.stringBytes, {
    open(tag) {
      if (tag === 'si') text = '';
      else if (tag === 'rPh') phonetic = true;
      else if (tag === 't') inText = !phonetic;
    },
    text(data) {
      if (inText) text += data;
    },
    close(tag) {
      if (tag === 't') inText = false;
      else if (tag === 'rPh') phonetic = false;
      else if (tag === 'si') strings.push(unescapeText(text));
    },
  });
  return strings;
}

/** Characters that XML has no place for are written as `_x0007_`. */
export const unescapeText = (text: string): string =>
  text.includes('_x')
    ? text.replaceAll(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) =>
        String.fromCharCode(Number.parseInt(code, 16)),
      )
    : text;

/** Formats of dates and times that every workbook knows by number; elapsed time (46) is none. */
const builtInDates = new Set([
  14, 15, 16, 17, 18, 19, 20, 21, 22, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 45, 47, 50, 51, 52,
  53, 54, 55, 56, 57, 58,
]);

async function readDateStyles(parts: WorkbookPackage, name: string): Promise<boolean[]> {
  const own = new Map<number, boolean>();
  const styles: boolean[] = [];
  let inCells = false;
  await parts.readAll(name, LARGEST_SMALL_PART, {
    open(tag, attributes) {
      if (tag === 'numFmt') {
        own.set(Number(attributes['numFmtId']), isDateFormat(attributes['formatCode'] ?? ''));
      } else if (tag === 'cellXfs') inCells = true;
      else if (tag === 'xf' && inCells) {
        const id = Number(attributes['numFmtId'] ?? 0);
        styles.push(own.get(id) ?? builtInDates.has(id));
      }
    },
    close(tag) {
      if (tag === 'cellXfs') inCells = false;
    },
  });
  return styles;
}

const LONGEST_FORMAT = 1_000;

/** Whether a format shows parts of a date: what is quoted, escaped or in brackets aside. */
function isDateFormat(code: string): boolean {
  const [positive = ''] = code
    .slice(0, LONGEST_FORMAT)
    .replaceAll(/"[^"]*"/g, '')
    .replaceAll(/[\\_*]./g, '')
    .split(';', 1);
  if (/\[[hms]+\]/i.test(positive)) return false;
  return /[dmyhs]/i.test(positive.replaceAll(/\[[^\]]*\]/g, ''));
}
