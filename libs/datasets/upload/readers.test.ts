import { describe, expect, test } from '@jest/globals';
import { RequestError } from '#libs/contracts';
import { findUnstorable } from '../storable.ts';
import { readItems } from './items.ts';
import { readJsonArray } from './json-array.ts';
import { readNdjson } from './ndjson.ts';
import { describeLine, LONGEST_LINE, type UploadRow, type UploadRows } from './rows.ts';

type Read = (bytes: AsyncIterable<Uint8Array>) => UploadRows;

async function* inPieces(data: string | Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(data);
  for (let start = 0; start < bytes.length; start += size)
    yield bytes.subarray(start, start + size);
}

const readCsv: Read = (bytes) => readItems(bytes, { mediaType: 'text/csv' });

const valuesOf = (rows: readonly UploadRow[]) => rows.filter((row) => 'value' in row);

/** The first of the rows that are wrong, as it is told. */
function firstWrong(rows: readonly UploadRow[]): string | undefined {
  const wrong = rows.find((row) => 'problems' in row);
  return wrong && 'problems' in wrong ? describeLine(wrong.line, wrong.problems[0]) : undefined;
}

/** What a reader yields, and how it ends, which must not depend on how the bytes are cut. */
async function readAll(
  read: Read,
  data: string | Uint8Array,
  sizes: readonly number[] = [1, 2, 3, 7, 64, 100_000],
): Promise<{ rows: UploadRow[]; error?: string }> {
  const results = await Promise.all(sizes.map((size) => readOnce(read, data, size)));
  const [first = { rows: [] }] = results;
  for (const result of results) expect(result).toEqual(first);
  return first;
}

async function readOnce(read: Read, data: string | Uint8Array, size: number) {
  const rows: UploadRow[] = [];
  try {
    for await (const group of read(inPieces(data, size))) rows.push(...group);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return { rows, error: error.message };
  }
  return { rows };
}

const exotic = '¿Qué? 你好 👩‍👩‍👧 \u2028 \u0085 "quoted" \\ \u0000 \ud800';

describe('NDJSON', () => {
  test('reads one value a line, counts blank lines, and takes any line ending', async () => {
    const data = `\uFEFF{"a":1}\r\n\n  \t\n${JSON.stringify(exotic)}\n[2]`;
    expect(await readAll(readNdjson, data)).toEqual({
      rows: [
        { line: 1, value: { a: 1 } },
        { line: 4, value: exotic },
        { line: 5, value: [2] },
      ],
    });
  });

  test('reads nothing from nothing', async () => {
    expect(await readAll(readNdjson, '')).toEqual({ rows: [] });
    expect(await readAll(readNdjson, '\n\n')).toEqual({ rows: [] });
  });

  test('names the lines that are not JSON, and reads those around them', async () => {
    const { rows, error } = await readAll(readNdjson, '1\n\n{"a":\n4\nno\n');
    expect(error).toBeUndefined();
    expect(rows).toEqual([
      { line: 1, value: 1 },
      { line: 3, problems: [{ message: expect.stringMatching(/^is not JSON/) }] },
      { line: 4, value: 4 },
      { line: 5, problems: [{ message: expect.stringMatching(/^is not JSON/) }] },
    ]);
  });

  test('names the line that is not UTF-8, and not one after it', async () => {
    const data = Buffer.concat([
      Buffer.from('"é"\n"b'),
      Buffer.from([0xff]),
      Buffer.from('"\n3\n'),
    ]);
    const { rows, error } = await readAll(readNdjson, data);
    expect(rows).toEqual([{ line: 1, value: 'é' }]);
    expect(error).toMatch(/^line 2: is not UTF-8/);
  });

  test('refuses a line without end before it is all there', async () => {
    let sent = 0;
    async function* endless() {
      yield Buffer.from('1\n"');
      for (;;) {
        sent += 1_000_000;
        yield Buffer.alloc(1_000_000, 'a');
      }
    }
    const rows: UploadRow[] = [];
    const reading = (async () => {
      for await (const group of readNdjson(endless())) rows.push(...group);
    })();
    await expect(reading).rejects.toThrow('line 2: is longer than 10 million characters');
    expect(rows).toEqual([{ line: 1, value: 1 }]);
    expect(sent).toBeLessThan(LONGEST_LINE * 1.2);
  });

  test('a key named __proto__ stays a key', async () => {
    const { rows } = await readAll(readNdjson, '{"__proto__":{"polluted":true}}');
    expect(JSON.stringify(rows)).toContain('"value":{"__proto__":{"polluted":true}}');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});

describe('a JSON array', () => {
  const items = [{ a: '[{"\\",]}' }, [1, [2]], exotic, null, -1.5e3, {}, [], ''];

  test.each([JSON.stringify(items), `\uFEFF \n${JSON.stringify({ items }, null, 2)}\n `])(
    'reads each item, with its number (%#)',
    async (data) => {
      expect(await readAll(readJsonArray, data)).toEqual({
        rows: items.map((value, index) => ({ line: index + 1, value })),
      });
    },
  );

  test('may be empty, as may the body', async () => {
    for (const data of ['', '  ', '[]', ' [ ] ', '{"items": []}']) {
      expect(await readAll(readJsonArray, data)).toEqual({ rows: [] });
    }
  });

  test.each([
    ['[1, 2', 'line 2: the JSON ends before its array does'],
    ['[1, {"a": 2]', 'line 2: the JSON ends'],
    ['[1,]', 'line 2: there is a comma'],
    ['[,1]', 'line 1: there is a comma'],
    ['[1, , 2]', 'line 2: there is a comma'],
    ['[1 2]', 'line 1: is not JSON'],
    ['[1, {a: 2}, 3]', 'line 2: is not JSON'],
    ['[1]]', 'must be a JSON array'],
    ['[1] [2]', 'must be a JSON array'],
    ['[1]}', 'must be a JSON array'],
    ['{"items": [1]', 'must be a JSON array'],
    ['{"items": [1], "more": 2}', 'must be a JSON array'],
    ['{"rows": [1]}', 'must be a JSON array'],
    ['{"a": 1}', 'must be a JSON array'],
    ['null', 'must be a JSON array'],
    ['{"key":"a","input":1}\n{"key":"b","input":[1]}', 'must be a JSON array'],
  ])('refuses %s', async (data, message) => {
    expect((await readAll(readJsonArray, data)).error).toContain(message);
  });

  test('hands out the items before the one that is refused', async () => {
    const data = Buffer.concat([
      Buffer.from('["a","'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"]'),
    ]);
    expect(await readAll(readJsonArray, data, [1, 2])).toEqual({
      rows: [{ line: 1, value: 'a' }],
      error: expect.stringMatching(/^line 2: is not UTF-8/),
    });
  });

  test('is refused when an item, or what is around it, has no end', async () => {
    const spaces = ' '.repeat(3_000_000);
    const fine = await readAll(readJsonArray, `${spaces}[1]${spaces}`, [100_000]);
    expect(fine).toEqual({ rows: [{ line: 1, value: 1 }] });
    const item = await readAll(readJsonArray, `[1,"${'a'.repeat(11_000_000)}"]`, [100_000]);
    expect(item.error).toContain('line 2: is longer');
    const around = await readAll(readJsonArray, 'a'.repeat(20_000), [1_000]);
    expect(around.error).toContain('must be a JSON array');
  });
});

describe('CSV', () => {
  test('reads cells as text or JSON, numbered by the line of the file', async () => {
    const data = [
      '\uFEFFinput,key,expected,metadata,tags',
      'What is 1+1?,a,2,"{""n"": 1}",sum; easy ;',
      '"two\r\nlines, ""quoted""",b,,,',
      '',
      '"[{""role"": ""user""}]",c,"{""answer"": [1]}",,"[""x;y"", ""z""]"',
      '{not json,d,007,,',
      ',e,,,',
    ].join('\r\n');
    const { rows, error } = await readAll(readCsv, data);
    expect(error).toBeUndefined();
    expect(rows).toEqual([
      {
        line: 2,
        value: {
          key: 'a',
          input: 'What is 1+1?',
          expected: '2',
          metadata: { n: 1 },
          tags: ['sum', 'easy'],
        },
      },
      { line: 3, value: { key: 'b', input: 'two\r\nlines, "quoted"' } },
      {
        line: 6,
        value: {
          key: 'c',
          input: [{ role: 'user' }],
          expected: { answer: [1] },
          tags: ['x;y', 'z'],
        },
      },
      { line: 7, value: { key: 'd', input: '{not json', expected: '007' } },
      { line: 8, value: { key: 'e', input: '' } },
    ]);
  });

  test.each([
    ['key,expected\na,b\n', 'line 1: input: the header must name this column'],
    ['input,answer\na,b\n', 'line 1: answer: is not a column; there are key, input, expected'],
    ['input,input\na,b\n', 'line 1: input: stands in the header twice'],
    ['input,key\na,b\nc\n', 'line 3: has 1 cells where the header has 2'],
    ['input,key\na,"x\ny"\n\nc,d,e\n', 'line 5: has 3 cells'],
    ['input,metadata\na,text\n', 'line 2: metadata: must be a JSON object'],
    ['input,metadata\na,[1]\n', 'line 2: metadata: must be a JSON object'],
    ['input\na\n5" disk\nb\n', 'line 3: a quote is in the wrong place'],
    ['input\na\n"b"c\n', 'line 3: a quote is in the wrong place'],
    ['input\na\n"b\nc\n', 'line 3: a quote is in the wrong place'],
  ])('refuses %j', async (data, message) => {
    const { rows, error } = await readAll(readCsv, data);
    expect(firstWrong(rows) ?? error).toContain(message);
  });

  test('reads on after a line that is wrong, as long as quotes come in pairs', async () => {
    const data = 'input,metadata\na,\n1,2,3\n"b"c,\n"x\ny",\nd,[1]\n"e"",\nf,\n';
    const { rows, error } = await readAll(readCsv, data);
    expect(valuesOf(rows)).toEqual([
      { line: 2, value: { input: 'a' } },
      { line: 5, value: { input: 'x\ny' } },
    ]);
    expect(rows.filter((row) => 'problems' in row).map(({ line }) => line)).toEqual([3, 4, 7]);
    expect(error).toMatch(/^line 8: a quote is in the wrong place/);
  });

  test.each([
    [';', 'input;key\n"a;b";k\nc,d;l\n'],
    ['|', 'input|key\n"a|b"|k\nc,d|l\n'],
  ] as const)('parts cells by %s where it is told to', async (delimiter, data) => {
    const read: Read = (bytes) => readItems(bytes, { mediaType: 'text/csv', delimiter });
    expect((await readAll(read, data)).rows).toEqual([
      { line: 2, value: { input: `a${delimiter}b`, key: 'k' } },
      { line: 3, value: { input: 'c,d', key: 'l' } },
    ]);
  });

  test('parts the cells of TSV by tabs, and takes a line of tabs for a row', async () => {
    const read: Read = (bytes) => readItems(bytes, { mediaType: 'text/tab-separated-values' });
    const data = 'input\tkey\r\na, b\tk\r\n\t\r\n \r\n"x\ty"\tl\r\n';
    expect((await readAll(read, data)).rows).toEqual([
      { line: 2, value: { input: 'a, b', key: 'k' } },
      { line: 3, value: { input: '' } },
      { line: 5, value: { input: 'x\ty', key: 'l' } },
    ]);
  });

  test('reads what an export marks as JSON', async () => {
    const data = 'input,expected\njson:42,"json:""[1]"""\njson:,json:null\n';
    expect((await readAll(readCsv, data)).rows).toEqual([
      { line: 2, value: { input: 42, expected: '[1]' } },
      { line: 3, value: { input: 'json:', expected: null } },
    ]);
  });

  test('names the line that is not UTF-8, or too long', async () => {
    const bytes = Buffer.concat([
      Buffer.from('input\na\n'),
      Buffer.from([0xff]),
      Buffer.from('\n'),
    ]);
    const broken = await readAll(readCsv, bytes);
    expect(broken).toEqual({
      rows: [{ line: 2, value: { input: 'a' } }],
      error: expect.stringMatching(/^line 3: is not UTF-8/),
    });
    const long = await readAll(readCsv, `input\n"${'a\n'.repeat(5_100_000)}"\n`, [100_000]);
    expect(long.error).toContain('line 2: is longer');
  });

  test('reads nothing from nothing', async () => {
    expect(await readAll(readCsv, '')).toEqual({ rows: [] });
    expect(await readAll(readCsv, 'input\n')).toEqual({ rows: [] });
  });
});

describe('what cannot be stored', () => {
  const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

  test('is nesting without end and numbers without bound, wherever they are', () => {
    const anywhere = { wellFormed: false };
    expect(findUnstorable(nested(200), anywhere)).toBeUndefined();
    expect(findUnstorable(nested(201), anywhere)?.message).toContain('nested');
    expect(findUnstorable(nested(100_000), anywhere)?.message).toContain('nested');
    expect(findUnstorable({ a: [1, { b: Infinity }] }, anywhere)).toEqual({
      path: 'a.1.b',
      message: 'holds a number that is too large',
    });
  });

  test('is half a surrogate pair, where text has to be well-formed', () => {
    const broken = { a: '\ud800' };
    expect(findUnstorable(broken, { wellFormed: false })).toBeUndefined();
    expect(findUnstorable(broken, { wellFormed: true })?.path).toBe('a');
    expect(findUnstorable({ '\udc00': 1 }, { wellFormed: true })).toBeDefined();
    expect(findUnstorable('👩‍👩‍👧', { wellFormed: true })).toBeUndefined();
  });
});
