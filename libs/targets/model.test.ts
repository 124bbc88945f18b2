import { describe, expect, test } from '@jest/globals';
import type { SettledModelTarget } from '#libs/contracts';
import {
  CallDeferred,
  CallError,
  type ModelAnswer,
  type ModelCallOptions,
  type ModelCalls,
  type ModelRequest,
  type TargetCase,
} from '#libs/evaluation';
import { createModelTarget } from './model.ts';

const target: SettledModelTarget = {
  kind: 'model',
  provider: 'main',
  model: 'm-1',
  parameters: { temperature: 0, seed: 7 },
  prompt: {
    content: {
      messages: [
        { role: 'system', content: 'Answer {{ metadata.tone | default: "plainly" }}.' },
        { role: 'user', content: '{{ input.question }} ({{ key }}/{{ repeat }})' },
      ],
    },
  },
};
const item = (key: string, question?: string): TargetCase => ({
  key,
  repeat: 1,
  input: question === undefined ? {} : { question },
});
const answer = (text: string, more: Partial<ModelAnswer> = {}): ModelAnswer => ({
  text,
  toolCalls: [],
  finishReason: 'stop',
  queueMs: 3,
  tries: [],
  cached: false,
  ...more,
});
const { signal } = new AbortController();

/** Models that answer as they are told, and remember what they were asked. */
function scripted(generate: (request: ModelRequest) => Promise<ModelAnswer>) {
  const asked: ModelRequest[] = [];
  const options: ModelCallOptions[] = [];
  const models: ModelCalls = {
    async generate(request, given) {
      asked.push(request);
      options.push(given);
      return generate(request);
    },
    async embed() {
      throw new Error('a target embeds nothing');
    },
  };
  return { asked, options, models };
}

describe('the model target', () => {
  test('asks with the prompt and settings, and tells all that the answer says', async () => {
    const tries = [{ class: 'rate_limited' as const, message: 'slow down', at: '2026-01-01' }];
    const { asked, options, models } = scripted(async () =>
      answer('Bern', {
        latencyMs: 40,
        inputTokens: 12,
        outputTokens: 1,
        costUsd: 0.001,
        toolCalls: [{ name: 'look_up', arguments: { city: 'Bern' } }],
        finishReason: 'tool-calls',
        tries,
      }),
    );
    const earlier = tries;
    const results = await createModelTarget(target, models).produce(
      [{ ...item('a', 'Where?'), earlier, metadata: { tone: 'kindly' } }],
      { signal, patienceMs: 1000 },
    );
    expect(asked).toEqual([
      {
        provider: 'main',
        model: 'm-1',
        parameters: { temperature: 0, seed: 7 },
        messages: [
          { role: 'system', content: 'Answer kindly.' },
          { role: 'user', content: 'Where? (a/1)' },
        ],
        repeat: 1,
      },
    ]);
    expect(options).toEqual([{ signal, earlier, patienceMs: 1000 }]);
    expect(results).toEqual([
      {
        output: 'Bern',
        latencyMs: 40,
        inputTokens: 12,
        outputTokens: 1,
        costUsd: 0.001,
        finishReason: 'tool-calls',
        toolCalls: [{ name: 'look_up', arguments: { city: 'Bern' } }],
        queueMs: 3,
        cached: false,
        tries,
      },
    ]);
  });

  test.each([
    ['{"city":"Bern"}', { city: 'Bern' }],
    ['null', null],
    ['{"city":', '{"city":'],
  ])('with a schema makes %j into %j', async (text, output) => {
    const responseSchema = { type: 'object' };
    const { asked, models } = scripted(async () => answer(text));
    const [result] = await createModelTarget({ ...target, responseSchema }, models).produce(
      [item('a', 'Where?')],
      { signal },
    );
    expect(result?.output).toEqual(output);
    expect(asked[0]?.responseSchema).toBe(responseSchema);
  });

  test('leaves text that looks like JSON alone where no schema is given', async () => {
    const { models } = scripted(async () => answer('17'));
    const [result] = await createModelTarget(target, models).produce([item('a', '?')], { signal });
    expect(result?.output).toBe('17');
  });

  test('fails the items that lack something or whose call fails, in their order, and no other', async () => {
    const tries = [{ class: 'server_error' as const, message: 'status 500', at: '2026-01-01' }];
    const { asked, models } = scripted(async ({ messages }) => {
      const question = messages[1]?.content ?? '';
      if (question.startsWith('Fail')) {
        const spend = { inputTokens: 7, outputTokens: 0, costUsd: 0.5 };
        throw new CallError('server_error', 'status 500', { tries, spend });
      }
      return answer(question);
    });
    const results = await createModelTarget(target, models).produce(
      [item('a', 'One'), item('b'), item('c', 'Fail'), item('d', 'Two')],
      { signal },
    );
    expect(results.map(({ output, error }) => output ?? error)).toEqual([
      'One (a/1)',
      {
        class: 'template_error',
        message: 'messages.1.content, line 1: input.question is missing',
      },
      { class: 'server_error', message: 'status 500' },
      'Two (d/1)',
    ]);
    // What was paid for a call that failed is booked.
    expect(results[2]).toMatchObject({ tries, inputTokens: 7, outputTokens: 0, costUsd: 0.5 });
    expect(asked).toHaveLength(3);
  });

  test('hands on that a call is deferred, that it is aborted, and what nobody expected', async () => {
    for (const thrown of [
      new CallDeferred(5000, []),
      new DOMException('canceled', 'AbortError'),
      new Error('a mistake'),
    ]) {
      const { models } = scripted(async () => {
        throw thrown;
      });
      const produced = createModelTarget(target, models).produce([item('a', '?')], { signal });
      await expect(produced).rejects.toBe(thrown);
    }
  });
});
