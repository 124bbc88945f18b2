import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { RequestError } from '#libs/contracts';
import { strToU8, zipSync } from 'fflate';
import { XLSX_MAX_ROWS_PER_SHEET, writeXlsx } from 'hucre/xlsx';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { bindHeader, type BindHeader } from './layout.ts';
import { readParquet, type ParquetOptions } from './parquet/index.ts';
import { describeLine, type UploadRow, type UploadRows } from './rows.ts';
import { spooled } from './spool.ts';
import { readXlsx, type XlsxOptions } from './xlsx/index.ts';

const temporary = process.env['TMPDIR'];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'llm-eval-test-'));
  process.env['TMPDIR'] = folder;
});
afterAll(async () => {
  if (temporary === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = temporary;
  await rm(folder, { recursive: true });
});
afterEach(async () => {
  if ((await readdir(folder)).length > 0) throw new Error('A temporary file was left behind.');
});

async function* inPieces(data: Uint8Array, size = 1_000): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < data.length; start += size) yield data.subarray(start, start + size);
}

async function readAll(rows: UploadRows): Promise<{ rows: UploadRow[]; error?: string }> {
  const all: UploadRow[] = [];
  try {
    for await (const group of rows) all.push(...group);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return { rows: all, error: `${error.code}: ${error.message}` };
  }
  return { rows: all };
}

const valuesOf = (rows: readonly UploadRow[]): unknown[] =>
  rows.map((row) => ('value' in row ? row.value : describeLine(row.line, row.problems[0])));

const bindText: BindHeader = (line, header) =>
  bindHeader(line, header, { mapping: undefined, cells: 'text' });

describe('XLSX', () => {
  const read = (data: Uint8Array, options: Partial<XlsxOptions> = {}) =>
    readAll(readXlsx(inPieces(data), { bind: bindText, ...options }));
  const write = async (sheets: Parameters<typeof writeXlsx>[0]['sheets']) =>
    new Uint8Array(await writeXlsx({ sheets }));

  test('reads texts, numbers, truths, dates, JSON and gaps of the first sheet', async () => {
    const data = await write([
      {
        name: 'Questions',
        rows: [
          [null, null, null, null, null, null],
          ['key', 'input', 'expected', 'metadata.at', 'metadata.on', 'tags'],
          [17, 'What is 1+1?', 2, new Date('2026-01-15T00:00:00Z'), true, 'sum; easy'],
          [null, '', '', null, null, null],
          ['b', '{"messages":["hi"]}', '007', new Date('2026-01-15T13:45:30Z'), false, null],
          ['c', null, ' x ', null, null, '["a;b"]'],
        ],
      },
      { name: 'Other', rows: [['input'], ['elsewhere']] },
    ]);
    const { rows, error } = await read(data);
    expect(error).toBeUndefined();
    expect(rows).toEqual([
      {
        line: 3,
        value: {
          key: '17',
          input: 'What is 1+1?',
          expected: 2,
          metadata: { at: '2026-01-15', on: true },
          tags: ['sum', 'easy'],
        },
      },
      {
        line: 5,
        value: {
          key: 'b',
          input: { messages: ['hi'] },
          expected: '007',
          metadata: { at: '2026-01-15T13:45:30', on: false },
        },
      },
      { line: 6, value: { key: 'c', input: '', expected: ' x ', tags: ['a;b'] } },
    ]);
    const other = await read(data, { sheet: 'Other' });
    expect(other.rows).toEqual([{ line: 2, value: { input: 'elsewhere' } }]);
    const none = await read(data, { sheet: 'Others' });
    expect(none.error).toMatch(
      /^invalid_xlsx: .* it has no sheet "Others"; there are "Questions", "Other"/,
    );
  });

  /** A workbook of the least parts, whose sheet is as it is given. */
  const craft = (
    sheetData: string,
    more: { workbook?: string; strings?: string; styles?: string; dropped?: string } = {},
  ): Uint8Array => {
    const relationship = (id: string, type: string, target: string) =>
      `<Relationship Id="${id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${type}" Target="${target}"/>`;
    const relationships = (...list: string[]) => `<Relationships>${list.join('')}</Relationships>`;
    const { workbook = '', strings, styles, dropped } = more;
    const parts: Record<string, string> = {
      '_rels/.rels': relationships(relationship('r1', 'officeDocument', '/xl/workbook.xml')),
      'xl/workbook.xml': `<x:workbook xmlns:x="urn:x" xmlns:r="urn:r">${workbook}<x:sheets><x:sheet name="S" sheetId="1" r:id="s1"/></x:sheets></x:workbook>`,
      'xl/_rels/workbook.xml.rels': relationships(
        relationship('s1', 'worksheet', 'worksheets/sheet1.xml'),
        strings === undefined ? '' : relationship('t1', 'sharedStrings', 'sharedStrings.xml'),
        styles === undefined ? '' : relationship('y1', 'styles', 'styles.xml'),
      ),
      'xl/worksheets/sheet1.xml': `<worksheet xmlns="urn:x"><sheetData>${sheetData}</sheetData></worksheet>`,
      ...(strings === undefined ? {} : { 'xl/sharedStrings.xml': `<sst>${strings}</sst>` }),
      ...(styles === undefined ? {} : { 'xl/styles.xml': `<styleSheet>${styles}</styleSheet>` }),
    };
    if (dropped !== undefined) delete parts[dropped];
    return zipSync(
      Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, strToU8(text)])),
    );
  };
  const header = '<row><c t="inlineStr"><is><t>input</t></is></c></row>';
  const inputs = ({ rows }: { rows: readonly UploadRow[] }) =>
    valuesOf(rows).map((value) =>
      typeof value === 'object' && value !== null ? Reflect.get(value, 'input') : value,
    );

  test('reads runs of text without how they are pronounced, escapes, and CDATA', async () => {
    const strings =
      '<si><t>in</t></si><si><r><t>a </t></r><r><rPr/><t>b&amp;c</t></r><rPh><t>no</t></rPh></si>' +
      '<si><t>line_x000D_\n_x005F_x</t></si><si><t><![CDATA[<d>]]></t></si>';
    const row = [1, 2, 3].map((index) => `<row><c t="s"><v>${index}</v></c></row>`).join('');
    const data = craft(
      `${header}${row}<row><c t="str"><f>1&lt;2</f><v>x</v></c></row><row><c t="inlineStr"><is><r><t>p</t></r><r><t>q</t></r></is></c></row>`,
      { strings },
    );
    expect(inputs(await read(data))).toEqual(['a b&c', 'line\r\n_x', '<d>', 'x', 'pq']);
  });

  test.each([
    ['1900', '', ['1900-01-01', '1900-02-28', '1900-03-01', '2024-02-29', '12:00:00', '-1']],
    ['1904', '<x:workbookPr date1904="1"/>', ['1904-01-02', '1904-02-29', '1904-03-02']],
  ])('counts days from %s', async (_name, workbook, expected) => {
    const styles =
      '<numFmts><numFmt numFmtId="170" formatCode="[$-409]d\\-mmm;@"/></numFmts><cellStyleXfs><xf numFmtId="0"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/></cellXfs>';
    const days = [1, 59, 61, 45_351, 0.5, -1].slice(0, expected.length);
    const rows = days.map((day, at) => `<row><c s="${1 + (at % 2)}"><v>${day}</v></c></row>`);
    const { rows: read1900 } = await read(craft(header + rows.join(''), { workbook, styles }));
    expect(inputs({ rows: read1900 }).map(String)).toEqual(expected);
  });

  test.each([
    ['0.00', false],
    ['"day" 0', false],
    ['[Red]0', false],
    ['\\d0', false],
    ['[h]:mm', false],
    ['General', false],
    ['0;[Red]"m"', false],
    ['yyyy/mm/dd', true],
    ['[$-F400]h:mm:ss AM/PM', true],
  ])('knows whether %s is the format of a date', async (code, isDate) => {
    const escaped = code.replaceAll('"', '&quot;');
    const styles = `<numFmts><numFmt numFmtId="200" formatCode="${escaped}"/></numFmts><cellXfs><xf numFmtId="200"/></cellXfs>`;
    const { rows } = await read(craft(`${header}<row><c s="0"><v>45351</v></c></row>`, { styles }));
    expect(inputs({ rows })).toEqual([isDate ? '2024-02-29' : 45_351]);
  });

  test('names rows with errors, values outside of the header, and keeps the others', async () => {
    const data = craft(
      `${header}<row r="3"><c r="A3" t="e"><v>#N/A</v></c></row><row r="7"><c r="A7"><v>1</v></c><c r="AB7"><v>2</v></c></row><row r="9"><c r="A9"><v>3</v></c></row>`,
    );
    expect(valuesOf((await read(data)).rows)).toEqual([
      'line 3: input: holds the error #N/A',
      'line 7: has a value in column AB, which the header does not name',
      { input: 3 },
    ]);
  });

  test.each([
    ['no ZIP', Buffer.from('input,key\na,b\n'), 'is not an XLSX workbook'],
    ['nothing', Buffer.alloc(0), 'is not an XLSX workbook'],
    [
      'a ZIP of something else',
      zipSync({ 'a.txt': strToU8('a') }),
      'it has no part xl/workbook.xml',
    ],
    ['no sheet', craft('', { dropped: 'xl/worksheets/sheet1.xml' }), 'it has no part'],
    [
      'a workbook with a password',
      Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
      'it is protected by a password',
    ],
    ['broken XML', craft('<row><c><v>1</row>'), 'unexpected close tag'],
    ['an entity of its own', craft('<row><c><v>&x;</v></c></row>'), 'undefined entity'],
    ['XML that goes too deep', craft('<a>'.repeat(200)), 'nested too deep'],
    ['a missing text', craft('<row><c t="s"><v>4</v></c></row>'), 'names a text that is not there'],
    ['rows out of order', craft('<row r="4"/><row r="4"/>'), 'rows are out of order after row 4'],
    [
      'more rows than there can be',
      craft(`<row r="${XLSX_MAX_ROWS_PER_SHEET + 1}"/>`),
      'rows are out of order',
    ],
    ['more columns than there can be', craft('<row><c r="XFE1"/></row>'), 'a cell in no column'],
    ['no number', craft(`${header}<row><c><v>1,5</v></c></row>`), 'row 2 holds no number'],
  ])('refuses %s', async (_name, data, message) => {
    const { error } = await read(data);
    expect(error).toMatch(/^invalid_xlsx: /);
    expect(error).toContain(message);
  });

  test('refuses a file that is cut off, or damaged in the middle', async () => {
    const rows = Array.from({ length: 2_000 }, (_, index) => [`k${index}`, `text ${index * 7919}`]);
    const data = await write([{ name: 'S', rows: [['key', 'input'], ...rows] }]);
    expect((await read(data.subarray(0, data.length - 100))).error).toMatch(/^invalid_xlsx/);
    const damaged = Uint8Array.from(data);
    damaged.fill(0x55, data.length / 2, data.length / 2 + 400);
    expect((await read(damaged)).error).toMatch(/^invalid_xlsx/);
  });

  test('unpacks no more than it may, whatever a part announces', async () => {
    const bomb = craft(`${header}<row><c t="str"><v>${'a'.repeat(3_000_000)}</v></c></row>`);
    expect(bomb.length).toBeLessThan(20_000);
    const limits = { sheetBytes: 1_000_000, stringBytes: 1_000_000 };
    expect((await read(bomb, { limits })).error).toContain('is larger than 1 MB unpacked');
    const strings = craft(header, { strings: `<si><t>${'a'.repeat(3_000_000)}</t></si>` });
    expect((await read(strings, { limits })).error).toContain('is larger than 1 MB unpacked');
    // The directory says 10 bytes, wherever it says how large the sheet is.
    const lying = Buffer.from(bomb);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(
      `<worksheet xmlns="urn:x"><sheetData>${header}<row><c t="str"><v>${'a'.repeat(3_000_000)}</v></c></row></sheetData></worksheet>`
        .length,
    );
    let at = lying.indexOf(size);
    expect(at).toBeGreaterThan(0);
    for (; at >= 0; at = lying.indexOf(size, at + 1)) lying.writeUInt32LE(10, at);
    expect((await read(lying, { limits })).error).toContain('too many bytes');
  });

  test('refuses a text without end before it is all there', async () => {
    const data = craft(`<row><c t="str"><v>${'a'.repeat(25_000_000)}</v></c></row>`);
    expect((await read(data)).error).toContain('has no end');
  });
});

describe('Parquet', () => {
  const bind: BindHeader = (line, header) =>
    bindHeader(line, header, { mapping: undefined, cells: 'typed' });
  const read = (data: ArrayBuffer | Uint8Array, limits?: ParquetOptions['limits']) =>
    readAll(readParquet(inPieces(new Uint8Array(data)), { bind, ...(limits && { limits }) }));
  type Columns = Parameters<typeof parquetWriteBuffer>[0]['columnData'];
  const write = (columnData: Columns, rowGroupSize = 2) =>
    parquetWriteBuffer({ columnData, rowGroupSize });

  test('reads typed cells as JSON, row group by row group', async () => {
    const data = write([
      { name: 'key', data: ['a', 'b', 'c'], type: 'STRING' },
      { name: 'input', data: ['[1]', null, 'json:1'], type: 'STRING' },
      { name: 'expected.big', data: [2n ** 53n - 1n, 2n ** 60n, null], type: 'INT64' },
      { name: 'expected.real', data: [0.5, Number.NaN, -1e300], type: 'DOUBLE' },
      { name: 'expected.json', data: [{ x: [1, null] }, ['y'], null], type: 'JSON' },
      {
        name: 'metadata.at',
        data: [new Date('2026-01-15T13:45:30.250Z'), null, new Date(0)],
        type: 'TIMESTAMP',
      },
      { name: 'metadata.raw', data: [new Uint8Array(16).fill(7), null, null], type: 'UUID' },
      { name: 'tags', data: ['x;y', null, '["z;"]'], type: 'STRING' },
    ]);
    expect(await read(data)).toEqual({
      rows: [
        {
          line: 1,
          value: {
            key: 'a',
            input: '[1]',
            expected: { big: Number.MAX_SAFE_INTEGER, real: 0.5, json: { x: [1, null] } },
            metadata: {
              at: '2026-01-15T13:45:30.250Z',
              raw: '07070707-0707-0707-0707-070707070707',
            },
            tags: ['x', 'y'],
          },
        },
        {
          line: 2,
          value: { key: 'b', input: null, expected: { big: String(2n ** 60n), json: ['y'] } },
        },
        {
          line: 3,
          value: {
            key: 'c',
            input: 'json:1',
            expected: { real: -1e300 },
            metadata: { at: '1970-01-01T00:00:00.000Z' },
            tags: ['z;'],
          },
        },
      ],
    });
  });

  test('reads lists, days, and times finer than a millisecond', async () => {
    const data = parquetWriteBuffer({
      schema: [
        { name: 'root', num_children: 4 },
        { name: 'input', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        {
          name: 'element',
          type: 'BYTE_ARRAY',
          converted_type: 'UTF8',
          repetition_type: 'OPTIONAL',
        },
        {
          name: 'expected.day',
          type: 'INT32',
          converted_type: 'DATE',
          repetition_type: 'OPTIONAL',
        },
        {
          name: 'expected.micro',
          type: 'INT64',
          converted_type: 'TIMESTAMP_MICROS',
          repetition_type: 'OPTIONAL',
        },
        {
          name: 'expected.bytes',
          type: 'FIXED_LEN_BYTE_ARRAY',
          type_length: 3,
          repetition_type: 'OPTIONAL',
        },
      ],
      columnData: [
        { name: 'input', data: [['a', null], []] },
        { name: 'expected.day', data: [new Date('2024-02-29'), null] },
        { name: 'expected.micro', data: [1_700_000_000_000_001n, -1n] },
        { name: 'expected.bytes', data: [new Uint8Array([0, 255, 1]), null] },
      ],
    });
    expect(valuesOf((await read(data)).rows)).toEqual([
      {
        input: ['a', null],
        expected: { day: '2024-02-29', micro: '2023-11-14T22:13:20.000001Z', bytes: 'AP8B' },
      },
      { input: [], expected: { micro: '1969-12-31T23:59:59.999999Z' } },
    ]);
  });

  test.each(['UNCOMPRESSED', 'SNAPPY'] as const)('reads many row groups, %s', async (codec) => {
    const texts = Array.from({ length: 5_000 }, (_, index) => `text ${index}`);
    const data = parquetWriteBuffer({
      columnData: [{ name: 'input', data: texts, type: 'STRING' }],
      rowGroupSize: 999,
      codec,
    });
    const { rows } = await read(data);
    expect(rows.map(({ line }) => line)).toEqual(texts.map((_, index) => index + 1));
    expect(valuesOf(rows)).toEqual(texts.map((input) => ({ input })));
  });

  test('reads one row group of many rows in parts, and only the columns that are used', async () => {
    const numbers = Array.from({ length: 250_001 }, (_, index) => index);
    const data = parquetWriteBuffer({
      columnData: [
        { name: 'unused', data: numbers, type: 'INT32' },
        { name: 'n', data: Int32Array.from(numbers), type: 'INT32' },
        {
          name: 'text',
          data: numbers.map((index) => (index % 3 === 0 ? null : `t${index % 100}`)),
          type: 'STRING',
        },
      ],
      rowGroupSize: numbers.length,
      pageSize: 10_000,
    });
    const mapping = { input: 'n', expected: 'text' };
    const bindMapped: BindHeader = (line, header) =>
      bindHeader(line, header, { mapping, cells: 'typed' });
    const { rows } = await readAll(
      readParquet(inPieces(new Uint8Array(data), 100_000), { bind: bindMapped }),
    );
    expect(rows).toHaveLength(numbers.length);
    const wrong = rows.filter(({ line }, index) => line !== index + 1);
    expect(wrong).toEqual([]);
    for (const index of [0, 1, 99_999, 100_000, 100_001, 199_999, 250_000]) {
      const expected = index % 3 === 0 ? undefined : `t${index % 100}`;
      expect(rows[index]).toEqual({ line: index + 1, value: { input: index, expected } });
    }
  });

  test('refuses what is none, is cut off, or damaged', async () => {
    const texts = Array.from({ length: 3_000 }, (_, index) => `text ${index * 7919}`);
    const data = new Uint8Array(write([{ name: 'input', data: texts, type: 'STRING' }], 1_000));
    const damaged = Uint8Array.from(data);
    damaged.fill(0xff, Math.floor(data.length / 2), Math.floor(data.length / 2) + 2_000);
    const huge = Uint8Array.from(data);
    new DataView(huge.buffer).setUint32(huge.length - 8, 0xff_ff_ff_ff, true);
    const cases = [
      Buffer.from('input\na\n'),
      Buffer.alloc(0),
      data.subarray(0, -50),
      data.subarray(100),
      damaged,
      huge,
    ];
    for (const one of cases) expect((await read(one)).error).toMatch(/^invalid_parquet: /);
  });

  test('gives up on a file that makes its reader work, or allocate, without end', async () => {
    const texts = Array.from({ length: 300 }, (_, index) => `text ${index * 7919}`);
    const data = Buffer.from(
      parquetWriteBuffer({
        columnData: [{ name: 'input', data: texts, type: 'STRING' }],
        rowGroupSize: 300,
        codec: 'UNCOMPRESSED',
      }),
    );
    // One run of 300 times the level 1: made into one of two billion.
    const run = data.indexOf(Buffer.from([0xd8, 0x04, 0x01]));
    expect(run).toBeGreaterThan(0);
    data.set([0xfe, 0xff, 0xff, 0xff, 0x0f], run);
    const { error } = await readAll(readParquet(inPieces(data), { bind, patienceMs: 5_000 }));
    // Whichever comes first: its time, its memory, or the longest list that there can be.
    expect(error).toMatch(
      /^invalid_parquet: .*(reading it takes too long|reading it broke off|Invalid array length)/,
    );
  });

  test('ends its process when nobody reads on', async () => {
    const texts = Array.from({ length: 9_000 }, (_, index) => `text ${index}`);
    const data = new Uint8Array(write([{ name: 'input', data: texts, type: 'STRING' }], 1_000));
    const before = process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap').length;
    for await (const rows of readParquet(inPieces(data), { bind })) {
      expect(rows).toHaveLength(1_000);
      break;
    }
    const after = process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap').length;
    expect(after).toBe(before);
  });

  test('names rows that JSON has no place for', async () => {
    const deep: unknown = JSON.parse('['.repeat(300) + ']'.repeat(300));
    const data = write([
      { name: 'input', data: [1, Infinity, 2], type: 'DOUBLE' },
      { name: 'expected', data: [null, null, deep], type: 'JSON' },
    ]);
    expect(valuesOf((await read(data)).rows)).toEqual([
      { input: 1 },
      'line 2: holds a number that is too large',
      'line 3: is nested more than 200 levels deep',
    ]);
  });

  test('refuses row groups that are too large to be held', async () => {
    const texts = Array.from({ length: 1_000 }, (_, index) => `text ${index}`);
    const data = write([{ name: 'input', data: texts, type: 'STRING' }], 1_000);
    const message = 'write the file with smaller row groups';
    const limits = { groupBytes: 1e6, groupBytesOfLists: 1e6, groupRows: 1e6 };
    expect((await read(data, { ...limits, groupRows: 999 })).error).toContain(message);
    expect((await read(data, { ...limits, groupBytes: 999 })).error).toContain(message);
    expect((await read(data, { ...limits, groupBytesOfLists: 1 })).rows).toHaveLength(1_000);
  });

  test('names the columns that are not known, and how to use them', async () => {
    const data = write([
      { name: 'question', data: ['a'], type: 'STRING' },
      { name: 'answer', data: ['b'], type: 'STRING' },
    ]);
    const { error } = await read(data);
    expect(error).toContain('line 1: question: is not a column');
    expect(error).toContain('mapping');
  });
});

test('a file that is too large is refused, and so is one whose reading ends early', async () => {
  async function* endless() {
    for (;;) yield new Uint8Array(1_000);
  }
  const reading = spooled(endless(), () => inPieces(new Uint8Array(1)), 1_000_000);
  await expect(reading.next()).rejects.toMatchObject({ code: 'file_too_large' });

  const early = spooled(inPieces(new Uint8Array(9_000)), () => inPieces(new Uint8Array(9), 1));
  await early.next();
  await early.return();
});
