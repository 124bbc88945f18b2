import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { LLMock, type Fixture } from '@copilotkit/aimock';
import type { ProviderKind } from '#libs/contracts';
import {
  CallError,
  type CallPlan,
  type Caller,
  type ConfiguredProvider,
  type EmbeddingRequest,
  type ModelRequest,
  type OutgoingHttp,
} from '#libs/evaluation';
import { createOutgoingHttp } from '#libs/outgoing';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { z } from 'zod';
import { createModels } from './index.ts';

const KEY = 'test-key';
const mock = new LLMock({ port: 0, auth: { apiKeys: [KEY] } });
let http: OutgoingHttp;
const servers: Server[] = [];

beforeAll(async () => {
  http = createOutgoingHttp({ allow: ['127.0.0.1'] });
  await mock.start();
});
beforeEach(() => {
  mock.reset();
});
afterAll(async () => {
  await mock.stop();
  await http.close();
  for (const server of servers) server.close().closeAllConnections();
});

/** One try for each call; the plans that were handed over, and what was cached. */
function onceCaller() {
  const plans: Pick<CallPlan<never>, 'lane' | 'estimatedTokens' | 'cache'>[] = [];
  const cache = new Map<string, string>();
  const caller: Caller = {
    async call(plan) {
      const { once, signal, timeoutMs, cache: kept, lane, estimatedTokens } = plan;
      plans.push({ lane, estimatedTokens });
      const stored = kept && cache.get(kept.key);
      const known = stored === undefined ? undefined : kept?.read(JSON.parse(stored));
      const result = { latencyMs: undefined, queueMs: 0, tries: [] };
      if (known !== undefined) return { ...result, answer: known, cached: true };
      const answer = await once(AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
      if (kept) cache.set(kept.key, JSON.stringify(kept.write(answer)));
      return { ...result, answer, latencyMs: 1, cached: false };
    },
  };
  return { caller, plans, cache };
}

const paths: Record<ProviderKind, string> = {
  openai: '/v1',
  anthropic: '/v1',
  google: '/v1beta',
  mistral: '/v1',
  groq: '/v1',
  azure_openai: '/openai',
  bedrock: '',
  openai_compatible: '/v1',
};
/** A model of each kind that takes ordinary parameters. */
const models: Record<ProviderKind, string> = {
  openai: 'gpt-4o-mini-2024-07-18',
  anthropic: 'claude-haiku-4-5',
  google: 'gemini-2.5-flash',
  mistral: 'mistral-small-latest',
  groq: 'llama-3.3-70b-versatile',
  azure_openai: 'my-deployment',
  bedrock: 'amazon.nova-lite-v1:0',
  openai_compatible: 'llama3.2',
};
const kinds = Object.keys(models).filter((kind): kind is ProviderKind => kind in models);

function configured(kind: ProviderKind, more: Partial<ConfiguredProvider> = {}) {
  return {
    id: `id-${kind}`,
    name: `my-${kind}`,
    kind,
    baseUrl: mock.url + paths[kind],
    ...(kind === 'bedrock' && { region: 'us-east-1' }),
    ...(kind === 'azure_openai' && { apiVersion: '2024-10-21' }),
    credentials: { apiKey: KEY },
    prices: {},
    ...more,
  } satisfies ConfiguredProvider;
}

/** Calls of one run with one provider. */
function callsTo(
  provider: ConfiguredProvider,
  { caller = onceCaller().caller, cache = false, timeoutMs = 10_000 } = {},
) {
  const of = createModels({ caller, http, providers: { provider: async () => provider } });
  const calls = of({ projectId: 'project', timeoutMs, maxRetries: 0, cache });
  const { signal } = new AbortController();
  const model = models[provider.kind];
  return {
    generate: async (request: Partial<ModelRequest> = {}) =>
      calls.generate(
        {
          provider: provider.name,
          model,
          messages: [
            { role: 'system', content: 'Be brief.' },
            { role: 'user', content: 'Say hello.' },
          ],
          repeat: 0,
          ...request,
        },
        { signal },
      ),
    embed: async (request: Partial<EmbeddingRequest> = {}) =>
      calls.embed({ provider: provider.name, model, values: ['a', 'b'], ...request }, { signal }),
  };
}

async function errorOf(work: Promise<unknown>): Promise<CallError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof CallError) return error;
    throw error;
  }
  throw new Error('it worked');
}

const answer = (response: Fixture['response'], more: Partial<Fixture> = {}) =>
  mock.addFixture({ match: {}, response, ...more });
/** In all the shapes that the protocols have for it. */
const usage = {
  prompt_tokens: 1000,
  completion_tokens: 200,
  total_tokens: 1200,
  input_tokens: 1000,
  output_tokens: 200,
  promptTokenCount: 1000,
  candidatesTokenCount: 200,
  totalTokenCount: 1200,
};
const weather = {
  name: 'weather',
  description: 'The weather of a city',
  inputSchema: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
};

describe.each(kinds)('%s', (kind) => {
  test('sends messages and parameters, and gives text, counts and cost', async () => {
    answer({ content: 'Hello!', usage });
    const price = { inputPerMillion: 2, outputPerMillion: 10 };
    const calls = callsTo(configured(kind, { prices: { [models[kind]]: price } }));
    const given = await calls.generate({ parameters: { temperature: 0.5, maxOutputTokens: 20 } });
    expect(given).toMatchObject({ text: 'Hello!', toolCalls: [], finishReason: 'stop' });
    expect(given).toMatchObject({ inputTokens: 1000, outputTokens: 200, costUsd: 0.004 });
    const [request, ...more] = mock.getRequests();
    expect(more).toEqual([]);
    const body = JSON.stringify(request?.body);
    expect(request?.body).toMatchObject({ temperature: 0.5, max_tokens: 20 });
    expect(body).toContain('Be brief.');
    expect(body).toContain('Say hello.');
  });

  test('offers tools and gives the calls', async () => {
    answer({ toolCalls: [{ name: 'weather', arguments: '{"city":"Oslo"}' }] });
    const given = await callsTo(configured(kind)).generate({ tools: [weather] });
    expect(given).toMatchObject({
      text: '',
      toolCalls: [{ name: 'weather', arguments: { city: 'Oslo' } }],
      // The mock gives a reason that Gemini does not have.
      finishReason: kind === 'google' ? 'other' : 'tool-calls',
    });
    expect(JSON.stringify(mock.getLastRequest()?.body)).toContain('The weather of a city');
  });

  test('a bad key', async () => {
    answer({ content: 'Hello!' });
    const bad = configured(kind, { credentials: { apiKey: 'sk-wrong' } });
    const error = await errorOf(callsTo(bad).generate());
    expect(error.class).toBe('authentication');
    expect(error.message).not.toContain('wrong');
  });

  test('a limit says for how long', async () => {
    answer({ status: 429, error: { message: 'slow down', type: 'rate_limit' }, retryAfter: 7 });
    const error = await errorOf(callsTo(configured(kind)).generate());
    expect(error).toMatchObject({ class: 'rate_limited', retryAfterMs: 7000 });
  });

  test('without a key nothing is called, whatever the environment holds', async () => {
    const names = ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY'];
    const more = ['MISTRAL_API_KEY', 'GROQ_API_KEY', 'AZURE_API_KEY', 'AWS_BEARER_TOKEN_BEDROCK'];
    for (const name of [...names, ...more]) process.env[name] = KEY;
    try {
      const calls = callsTo(configured(kind, { credentials: {} }));
      const error = await errorOf(calls.generate());
      // Without a key the endpoint may be one that needs none; the mock needs one.
      const isOptional = kind === 'openai_compatible';
      expect(error.class).toBe(isOptional ? 'authentication' : 'not_configured');
      expect(mock.getRequests().filter(({ response }) => response.status === 200)).toEqual([]);
    } finally {
      for (const name of [...names, ...more]) delete process.env[name];
    }
  });
});

describe('an answer', () => {
  test.each<[ProviderKind, string]>([
    ['openai', models.openai],
    ['azure_openai', models.azure_openai],
    ['mistral', models.mistral],
    ['groq', 'openai/gpt-oss-20b'],
    ['openai_compatible', models.openai_compatible],
  ])(
    'of %s, structured: it is asked for strictly by the schema, and is text',
    async (kind, model) => {
      answer({ content: '{"city":"Oslo"}' });
      const schema = weather.inputSchema;
      const given = await callsTo(configured(kind)).generate({ model, responseSchema: schema });
      expect(given.text).toBe('{"city":"Oslo"}');
      expect(mock.getLastRequest()?.body).toMatchObject({
        response_format: { type: 'json_schema', json_schema: { schema, strict: true } },
      });
    },
  );

  test('arguments that are no JSON stay text', async () => {
    const { url } = await serve(200, {
      ...completion,
      choices: [
        {
          index: 0,
          finish_reason: 'tool_calls',
          message: {
            role: 'assistant',
            tool_calls: [
              { id: 'call-1', type: 'function', function: { name: 'weather', arguments: '{city' } },
            ],
          },
        },
      ],
    });
    const calls = callsTo(configured('openai_compatible', { baseUrl: url }));
    const { toolCalls } = await calls.generate({ tools: [weather] });
    expect(toolCalls).toEqual([{ id: 'call-1', name: 'weather', arguments: '{city' }]);
  });

  test('what the model thought is left out', async () => {
    const message = { role: 'assistant', content: 'Yes.', reasoning_content: 'Let me think' };
    const { url } = await serve(200, {
      ...completion,
      choices: [{ index: 0, finish_reason: 'stop', message }],
    });
    const calls = callsTo(configured('openai_compatible', { baseUrl: url }));
    expect((await calls.generate()).text).toBe('Yes.');
  });

  test('an empty one is one, unless a filter emptied it', async () => {
    const of = (finish_reason: string) => ({
      ...completion,
      choices: [{ index: 0, finish_reason, message: { role: 'assistant', content: '' } }],
    });
    const empty = await serve(200, of('stop'));
    const calls = callsTo(configured('openai_compatible', { baseUrl: empty.url }));
    expect(await calls.generate()).toMatchObject({ text: '', finishReason: 'stop' });
    const filtered = await serve(200, of('content_filter'));
    const blocked = callsTo(configured('openai_compatible', { baseUrl: filtered.url }));
    expect(await errorOf(blocked.generate())).toMatchObject({
      class: 'content_filter',
      spend: { inputTokens: expect.any(Number), outputTokens: expect.any(Number) },
    });
  });

  test('a prompt that Gemini blocks is blocked', async () => {
    const { url } = await serve(200, { promptFeedback: { blockReason: 'SAFETY' } });
    const calls = callsTo(configured('google', { baseUrl: url }));
    expect((await errorOf(calls.generate())).class).toBe('content_filter');
  });

  test('input that the provider knew costs less; a model without a price costs nobody knows what', async () => {
    const { url } = await serve(200, {
      ...completion,
      usage: {
        prompt_tokens: 1000,
        completion_tokens: 100,
        total_tokens: 1100,
        prompt_tokens_details: { cached_tokens: 600 },
      },
    });
    const calls = callsTo(configured('openai_compatible', { baseUrl: url }));
    const prices = { inputPerMillion: 10, outputPerMillion: 20, cachedInputPerMillion: 1 };
    expect((await calls.generate({ prices })).costUsd).toBeCloseTo(0.0066, 10);
    expect(await calls.generate()).not.toHaveProperty('costUsd');
  });
});

describe('what a model would not take as it is', () => {
  test.each<[ProviderKind, string, Partial<ModelRequest>, RegExp]>([
    ['openai', 'o3-mini', { parameters: { temperature: 0 } }, /temperature/],
    ['openai', 'gpt-4o', { parameters: { topK: 5 } }, /topK/],
    ['anthropic', 'claude-haiku-4-5', { parameters: { seed: 1 } }, /seed/],
    ['anthropic', 'claude-haiku-4-5', { parameters: { temperature: 1.5 } }, /temperature/],
    ['bedrock', 'amazon.nova-lite-v1:0', { parameters: { presencePenalty: 1 } }, /presencePenalty/],
    ['mistral', 'mistral-small-latest', { parameters: { topK: 5 } }, /topK/],
  ])('%s %s is refused before it is sent', async (kind, model, more, named) => {
    answer({ content: 'Hello!' });
    const error = await errorOf(callsTo(configured(kind)).generate({ model, ...more }));
    expect(error).toMatchObject({
      class: 'invalid_request',
      message: expect.stringMatching(named),
    });
    expect(mock.getRequests()).toEqual([]);
  });

  test('embeddings, where the provider has none', async () => {
    const error = await errorOf(callsTo(configured('anthropic')).embed());
    expect(error.class).toBe('invalid_request');
  });
});

describe('failures', () => {
  const failing = async (provider = configured('openai_compatible')) =>
    errorOf(callsTo(provider).generate());

  test.each([
    [404, 'model_not_found'],
    [500, 'server_error'],
    [503, 'server_error'],
    [403, 'permission_denied'],
  ])('%i', async (status, expected) => {
    answer({ status, error: { message: 'no' } });
    expect((await failing()).class).toBe(expected);
  });

  test('broken JSON', async () => {
    answer({ content: '' }, { chaos: { malformedRate: 1 } });
    expect((await failing()).class).toBe('invalid_response');
  });

  test('a cut connection', async () => {
    answer({ content: '' }, { chaos: { disconnectRate: 1 } });
    expect((await failing()).class).toBe('unreachable');
  });

  test('nobody there', async () => {
    const server = await serve(200, {});
    await new Promise((resolve) => {
      server.server.close(resolve).closeAllConnections();
    });
    const error = await failing(configured('openai_compatible', { baseUrl: server.url }));
    expect(error.class).toBe('unreachable');
  });

  test('an address that is not allowed', async () => {
    const error = await failing(configured('openai_compatible', { baseUrl: 'http://10.0.0.1/v1' }));
    expect(error.class).toBe('address_refused');
  });

  test('an abort ends the call with its reason', async () => {
    const silent = createServer(() => {});
    const calls = callsTo(configured('openai_compatible', { baseUrl: await listen(silent) }), {
      timeoutMs: 100,
    });
    await expect(calls.generate()).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

describe('plans', () => {
  test('the lane is the provider with its limits; the estimate learns from answers', async () => {
    answer({ content: 'Hello!', usage });
    const { caller, plans } = onceCaller();
    const limits = { requestsPerMinute: 5, tokensPerMinute: 6, maxConcurrency: 7 };
    const calls = callsTo(configured('openai', limits), { caller });
    await calls.generate();
    await calls.generate();
    await calls.generate({ parameters: { maxOutputTokens: 3 } });
    await calls.generate({ parameters: { maxOutputTokens: 4_096 } });
    const others = callsTo(configured('openai', limits), { caller });
    await others.generate({ parameters: { maxOutputTokens: 4_096 } });
    expect(plans[0]?.lane).toEqual({ key: 'id-openai', ...limits });
    const [first = 0, second = 0, third = 0, fourth = 0, other = 0] = plans.map(
      (plan) => plan.estimatedTokens,
    );
    expect(first - second).toBe(300);
    expect(second - third).toBe(197);
    expect(fourth).toBe(second);
    expect(other).toBe(first);
  });

  test('a cached answer costs nothing and says so; another repeat is another answer', async () => {
    answer({ content: 'Hello!', usage });
    const { caller, cache } = onceCaller();
    const calls = callsTo(configured('openai'), { caller, cache: true });
    const first = await calls.generate();
    const again = await calls.generate();
    expect(first).toMatchObject({ cached: false, costUsd: expect.any(Number) });
    expect(again).toMatchObject({ text: 'Hello!', cached: true, costUsd: 0, inputTokens: 1000 });
    expect(again).not.toHaveProperty('latencyMs');
    await calls.generate({ repeat: 1 });
    await calls.generate({ parameters: { seed: 1 } });
    expect(mock.getRequests()).toHaveLength(3);
    expect([...cache.keys()].join()).not.toContain(KEY);
  });
});

describe('embeddings', () => {
  test('are asked in parts, and come in the order of the values', async () => {
    const { url, asked } = await serve(200, (body) => ({
      object: 'list',
      data: body.input.map((text, index) => ({ index, embedding: [Number(text)] })),
      usage: { prompt_tokens: body.input.length, total_tokens: body.input.length },
    }));
    const calls = callsTo(configured('mistral', { baseUrl: url }));
    const values = Array.from({ length: 70 }, (_, index) => String(index));
    const prices = { inputPerMillion: 100, outputPerMillion: 0 };
    const { vectors, costUsd, ...rest } = await calls.embed({ values, prices });
    expect(vectors).toEqual(values.map((value) => [Number(value)]));
    expect(rest).toEqual({ inputTokens: 70, cached: false });
    expect(costUsd).toBeCloseTo(0.007, 10);
    expect(asked.length).toBeGreaterThan(1);
  });

  test('none for none', async () => {
    const answered = await callsTo(configured('openai')).embed({ values: [] });
    expect(answered).toMatchObject({ vectors: [], cached: false });
    expect(mock.getRequests()).toEqual([]);
  });

  test.each(['openai', 'openai_compatible', 'google', 'azure_openai'] as const)(
    '%s',
    async (kind) => {
      answer({ embedding: [0.25, -0.5] });
      const calls = callsTo(configured(kind));
      // The mock takes one text at a time from Gemini.
      const values = kind === 'google' ? ['a'] : ['a', 'b'];
      const { vectors } = await calls.embed({ model: 'an-embedding-model', values });
      expect(vectors).toEqual(values.map(() => [0.25, -0.5]));
    },
  );
});

test('Bedrock signs with access keys', async () => {
  const { url, asked } = await serve(200, {
    output: { message: { role: 'assistant', content: [{ text: 'Hello!' }] } },
    stopReason: 'end_turn',
    usage: { inputTokens: 10, outputTokens: 2, totalTokens: 12 },
  });
  const credentials = { accessKeyId: 'AKID', secretAccessKey: 'hidden', sessionToken: 'session' };
  const calls = callsTo(configured('bedrock', { baseUrl: url.replace('/v1', ''), credentials }));
  expect(await calls.generate()).toMatchObject({ text: 'Hello!', inputTokens: 10 });
  const [request] = asked;
  expect(request?.headers.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/us-east-1\/bedrock\/aws4_request, SignedHeaders=[\w;-]*host/,
  );
  expect(request?.headers['x-amz-security-token']).toBe('session');
  expect(JSON.stringify(asked)).not.toContain('hidden');
});

const completion = {
  id: 'x',
  object: 'chat.completion',
  created: 0,
  model: 'x',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'x' } }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
};

const embeddingBody = z.object({ input: z.array(z.string()) });

/** A server that answers every request alike, for shapes that the mock has not. */
async function serve(status: number, reply: object | ((body: { input: string[] }) => object)) {
  const asked: { headers: IncomingHttpHeaders; path: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      asked.push({ headers: request.headers, path: request.url ?? '' });
      const said: object =
        typeof reply === 'function' ? reply(embeddingBody.parse(JSON.parse(body))) : reply;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said));
    });
  });
  return { url: await listen(server), asked, server };
}

async function listen(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/v1`;
}
