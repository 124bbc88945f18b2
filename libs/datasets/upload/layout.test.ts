import { describe, expect, test } from '@jest/globals';
import { columnMapping, RequestError, type ColumnMapping } from '#libs/contracts';
import { readItems, type ItemFormat } from './items.ts';
import { describeLine, type UploadRow } from './rows.ts';

async function read(
  text: string,
  mediaType: ItemFormat['mediaType'],
  mapping?: ColumnMapping,
): Promise<{ values: unknown[]; error?: string; errors?: RequestError['errors'] }> {
  const bytes = (async function* () {
    yield Buffer.from(text);
  })();
  const rows: UploadRow[] = [];
  const values = () =>
    rows.map((row) => ('value' in row ? row.value : describeLine(row.line, row.problems[0])));
  const parsed = mapping && columnMapping.parse(mapping);
  try {
    for await (const group of readItems(bytes, { mediaType, mapping: parsed })) rows.push(...group);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return { values: values(), error: error.message, errors: error.errors };
  }
  return { values: values() };
}
const csv = (text: string, mapping?: ColumnMapping) => read(text, 'text/csv', mapping);
const ndjson = (text: string, mapping?: ColumnMapping) =>
  read(text, 'application/x-ndjson', mapping);

describe('columns by the names of fields', () => {
  test('build objects of nested columns', async () => {
    const { values } = await csv(
      'input.question,input.context.title,expected.answer,metadata.source,metadata.n,split,key\n' +
        'q,t,a,web,"{""x"":1}",train,k\n' +
        ',,,,,,\n',
    );
    expect(values).toEqual([
      {
        key: 'k',
        input: { question: 'q', context: { title: 't' } },
        expected: { answer: 'a' },
        metadata: { source: 'web', n: { x: 1 } },
        split: 'train',
      },
      { input: { question: '', context: { title: '' } } },
    ]);
  });

  test('a part named __proto__ stays a part', async () => {
    const { values } = await csv('input.__proto__.polluted\nyes\n');
    expect(JSON.stringify(values)).toBe('[{"input":{"__proto__":{"polluted":"yes"}}}]');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  test.each([
    ['input,input.a', 'input: stands in the header as a whole and in parts: input.a'],
    ['input.a,input.a.b', 'input.a: stands in the header as a whole and in parts: input.a.b'],
    ['expected.a', 'input: the header must name this column'],
    ['input,input.', 'input.: is not a column'],
    ['input,tags.a', 'tags.a: is not a column'],
    ['input,,key', 'line 1: the header has a column without a name'],
  ])('refuse the header %s', async (header, message) => {
    expect((await csv(`${header}\n`)).error).toContain(message);
  });

  test('name every column that is not known', async () => {
    const { errors } = await csv('question,answer,key\n');
    expect(errors).toMatchObject([
      { line: 1, field: 'question', message: expect.stringContaining('`mapping`') },
      { line: 1, field: 'answer' },
    ]);
  });
});

describe('a mapping', () => {
  test('takes fields from columns, and leaves the others alone', async () => {
    const text =
      'id,question,context,answers,labels,topic,fold,unused\n' +
      '7,q,c,"{""text"":[""a"",""b""]}",x;y,z,test,u\n' +
      '8,q2,,,,,,\n';
    const { values } = await csv(text, {
      key: 'id',
      input: ['question', 'context'],
      expected: 'answers.text',
      metadata: { origin: 'unused', all: 'answers' },
      tags: ['labels', 'topic'],
      split: 'fold',
    });
    expect(values).toEqual([
      {
        key: '7',
        input: { question: 'q', context: 'c' },
        expected: ['a', 'b'],
        metadata: { origin: 'u', all: { text: ['a', 'b'] } },
        tags: ['x', 'y', 'z'],
        split: 'test',
      },
      { key: '8', input: { question: 'q2', context: '' } },
    ]);
  });

  test('reads the column input where it says nothing of it', async () => {
    const { values } = await csv('input,a,expected\nq,1,no\n', { expected: 'a' });
    expect(values).toEqual([{ input: 'q', expected: '1' }]);
  });

  test('takes a name with dots for a column first, then for a path', async () => {
    const header = 'a.b,"a","c.d"\n';
    const { values } = await csv(`${header}column,"{""b"":1}","{""e"":{""f"":2}}"\n`, {
      input: { whole: 'a.b', deep: 'c.d.e.f' },
    });
    expect(values).toEqual([{ input: { whole: 'column', deep: 2 } }]);
  });

  test('reads objects too, whose columns may be missing from some of them', async () => {
    const lines =
      '{"id":1,"q":{"text":"x"},"a":null,"labels":["l"]}\n{"id":"b","q":{"text":[1]},"rest":{"n":1}}\n"no"\n';
    const { values, error } = await ndjson(lines, {
      key: 'id',
      input: 'q.text',
      expected: 'a',
      metadata: 'rest',
      tags: 'labels',
    });
    expect(error).toBeUndefined();
    expect(values).toEqual([
      { key: '1', input: 'x', expected: null, tags: ['l'] },
      { key: 'b', input: [1], metadata: { n: 1 } },
      'line 3: must be a JSON object, whose fields are columns',
    ]);
  });

  test.each([
    ['text/csv', 'question,answer\nq,a\n'],
    ['application/x-ndjson', '\n{"question":"q","answer":"a"}\n'],
    ['application/json', '[{"question":"q","answer":"a"}]'],
  ] as const)(
    'that names columns which %s lacks is refused with those there are',
    async (type, text) => {
      const { error, errors } = await read(text, type, {
        input: 'question',
        expected: 'anwser',
        split: 'answer.x',
      });
      expect(error).toContain('there are question, answer');
      expect(errors?.map(({ field }) => field)).toEqual(
        type === 'text/csv' ? ['anwser'] : ['anwser', 'answer.x'],
      );
    },
  );

  test('refuses metadata that is no object, line by line', async () => {
    const { values } = await csv('input,m\na,text\nb,"{""x"":1}"\n', { metadata: 'm' });
    expect(values).toEqual([
      'line 2: metadata: must be a JSON object',
      { input: 'b', metadata: { x: 1 } },
    ]);
  });
});
