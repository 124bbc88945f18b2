import { describe, expect, test } from '@jest/globals';
import { CallError, OutgoingError } from '#libs/evaluation';
import {
  APICallError,
  InvalidResponseDataError,
  LoadAPIKeyError,
  UnsupportedFunctionalityError,
} from '@ai-sdk/provider';
import { classified } from './classify.ts';
import { waitOf } from './wait.ts';

const PROMPT = 'my secret prompt';

const answered = (status: number, body: unknown, headers: Record<string, string> = {}): unknown =>
  new APICallError({
    message: `Incorrect API key provided: sk-abc. ${PROMPT}`,
    url: 'https://models.test',
    requestBodyValues: { messages: [PROMPT] },
    statusCode: status,
    responseHeaders: headers,
    responseBody: typeof body === 'string' ? body : JSON.stringify(body),
  });

function callErrorOf(error: unknown): CallError {
  const known = classified('mine', error);
  if (known instanceof CallError) return known;
  throw new Error('not classified', { cause: known });
}

const openai = (code: string | null, type = 'invalid_request_error', message = '', param = '') => ({
  error: { message, type, param: param === '' ? null : param, code },
});
const anthropic = (type: string, message = '') => ({ type: 'error', error: { type, message } });
const google = (code: number, status: string, message = '', details: unknown[] = []) => ({
  error: { code, status, message, details },
});
const amazon = (name: string) => ({ 'x-amzn-errortype': `${name}:http://internal.amazon.com/` });

describe('what a provider answers is named by its class', () => {
  test.each<[string, number, unknown, Record<string, string>, string]>([
    ['a bad key', 401, openai('invalid_api_key'), {}, 'authentication'],
    ['a bad key, by Anthropic', 401, anthropic('authentication_error'), {}, 'authentication'],
    [
      'a bad key, by Google',
      400,
      google(400, 'INVALID_ARGUMENT', '', [{ reason: 'API_KEY_INVALID' }]),
      {},
      'authentication',
    ],
    ['a bad key, by Amazon', 403, {}, amazon('UnrecognizedClientException'), 'authentication'],
    ['a session that ended', 403, {}, amazon('ExpiredTokenException'), 'authentication'],
    ['a bad key, in plain text', 401, 'Unauthorized', {}, 'authentication'],
    ['what the key may not', 403, openai(null), {}, 'permission_denied'],
    ['a model that is not enabled', 403, {}, amazon('AccessDeniedException'), 'permission_denied'],
    ['an account without credit', 402, '', {}, 'quota_exhausted'],
    [
      'a quota that is used up, which looks like a limit',
      429,
      openai('insufficient_quota', 'insufficient_quota'),
      {},
      'quota_exhausted',
    ],
    [
      'no credit, by Anthropic',
      400,
      anthropic('invalid_request_error', 'Your credit balance is too low to access the API'),
      {},
      'quota_exhausted',
    ],
    [
      'a quota for the day, by Google',
      429,
      google(429, 'RESOURCE_EXHAUSTED', '', [
        { violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier' }] },
      ]),
      {},
      'quota_exhausted',
    ],
    ['no such model', 404, openai('model_not_found'), {}, 'model_not_found'],
    ['no such model, by Anthropic', 404, anthropic('not_found_error'), {}, 'model_not_found'],
    ['no such deployment', 404, openai('DeploymentNotFound'), {}, 'model_not_found'],
    [
      'no such model, by Mistral',
      400,
      { object: 'error', message: 'Invalid model: x', type: 'invalid_model', code: '1500' },
      {},
      'model_not_found',
    ],
    ['nothing at the address', 404, '<html>nginx</html>', {}, 'model_not_found'],
    [
      'a bad parameter',
      400,
      openai('unsupported_value', '', '', 'temperature'),
      {},
      'invalid_request',
    ],
    [
      'a list of mistakes',
      422,
      { detail: [{ type: 'missing', loc: ['body', 'model'], msg: '', input: PROMPT }] },
      {},
      'invalid_request',
    ],
    ['a prompt too long', 400, openai('context_length_exceeded'), {}, 'context_length'],
    [
      'a prompt too long, by Anthropic',
      400,
      anthropic('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'),
      {},
      'context_length',
    ],
    [
      'a prompt too long, by Google',
      400,
      google(
        400,
        'INVALID_ARGUMENT',
        'The input token count (2) exceeds the maximum number of tokens allowed (1).',
      ),
      {},
      'context_length',
    ],
    [
      'a prompt too long, by vLLM',
      400,
      {
        object: 'error',
        message: "This model's maximum context length is 4096 tokens.",
        type: 'BadRequestError',
        code: 400,
      },
      {},
      'context_length',
    ],
    [
      'a prompt too long, by Amazon',
      400,
      { message: 'Input is too long for requested model.' },
      amazon('ValidationException'),
      'context_length',
    ],
    ['a request too large', 413, anthropic('request_too_large'), {}, 'context_length'],
    ['a filter', 400, openai('content_filter'), {}, 'content_filter'],
    [
      'a filter, by Azure',
      400,
      {
        error: {
          code: null,
          message: "triggering Azure OpenAI's content management policy",
          innererror: { code: 'ResponsibleAIPolicyViolation' },
        },
      },
      {},
      'content_filter',
    ],
    ['a limit', 429, openai('rate_limit_exceeded', 'tokens'), {}, 'rate_limited'],
    ['a limit, by Amazon', 429, {}, amazon('ThrottlingException'), 'rate_limited'],
    [
      'a limit that names tokens',
      429,
      openai(null, 'tokens', 'Rate limit reached for model x: maximum context length is no matter'),
      {},
      'rate_limited',
    ],
    ['an outage', 500, openai(null, 'server_error'), {}, 'server_error'],
    ['an overload', 529, anthropic('overloaded_error'), {}, 'server_error'],
    ['a gateway', 502, '<html>', {}, 'server_error'],
    ['an answer that is none', 200, 'not JSON', {}, 'invalid_response'],
    ['an error under the status 200', 200, { error: { code: 429 } }, {}, 'rate_limited'],
    [
      'JSON that the model could not write',
      400,
      openai('json_validate_failed'),
      {},
      'invalid_response',
    ],
  ])('%s', (_name, status, body, headers, expected) => {
    const error = callErrorOf(answered(status, body, headers));
    expect(error.class).toBe(expected);
    // Nothing that could hold the prompt or the key is told on.
    expect(`${error.message} ${String(error.cause)}`).not.toMatch(/secret|sk-/);
    expect(error.message).toMatch(/^"mine"/);
  });

  test('the message names code and parameter, and never repeats a sentence', () => {
    const sentence = `Unsupported value for '${PROMPT}'`;
    const error = callErrorOf(answered(400, openai('unsupported_value', '', sentence, 'seed')));
    expect(error.message).toBe(
      '"mine" answered 400 unsupported_value: it refuses the request as it is; it is about seed',
    );
  });

  test('a parameter is also found in a sentence', () => {
    const sentence = `max_tokens: 9 > 8, which is the maximum. ${PROMPT}`;
    const error = callErrorOf(answered(400, anthropic('invalid_request_error', sentence)));
    expect(error.message).toMatch(/it is about max_tokens$/);
  });

  test('a key in the place of a code is not shown', () => {
    const error = callErrorOf(answered(400, openai('sk-1234567890abcdef', 'x')));
    expect(error.message).not.toContain('1234');
  });
});

describe('what never became an answer', () => {
  test.each([
    ['refused', 'address_refused'],
    ['unreachable', 'unreachable'],
    ['timeout', 'timeout'],
    ['too_large', 'response_too_large'],
    ['invalid_request', 'invalid_request'],
    ['invalid_response', 'invalid_response'],
  ] as const)('%s is %s, also where a library wrapped it', (code, expected) => {
    const error = new OutgoingError(code, 'models.test is away');
    expect(callErrorOf(error)).toMatchObject({ class: expected, message: 'models.test is away' });
    const wrapped = new APICallError({
      message: 'Cannot connect to API',
      url: 'https://models.test',
      requestBodyValues: {},
      cause: error,
    });
    expect(callErrorOf(wrapped).class).toBe(expected);
  });

  test('what a library throws by itself', () => {
    expect(callErrorOf(new LoadAPIKeyError({ message: '' })).class).toBe('not_configured');
    const unsupported = new UnsupportedFunctionalityError({ functionality: 'system in between' });
    expect(callErrorOf(unsupported)).toMatchObject({
      class: 'invalid_request',
      message: expect.stringContaining('system in between'),
    });
    const data = new InvalidResponseDataError({ data: PROMPT });
    expect(callErrorOf(data).class).toBe('invalid_response');
  });

  test('a mistake of ours stays what it is', () => {
    const mistake = new TypeError('x is undefined');
    expect(classified('mine', mistake)).toBe(mistake);
  });
});

describe('how long to wait', () => {
  const now = Date.parse('2025-01-01T00:00:00Z');
  test.each<[Record<string, string>, number | undefined]>([
    [{ 'retry-after': '3' }, 3000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after-ms': '250', 'retry-after': '9' }, 250],
    [{ 'retry-after': 'Wed, 01 Jan 2025 00:00:07 GMT' }, 7000],
    [{ 'retry-after': 'Tue, 31 Dec 2024 00:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'x-ratelimit-reset-requests': '6m0s' }, 360_000],
    [{ 'x-ratelimit-reset-tokens': '20ms' }, 20],
    [{ 'x-ratelimit-reset-requests': '1h2m3.5s' }, 3_723_500],
    [{ 'x-ratelimit-reset-requests': '9s', 'x-ratelimit-reset-tokens': '1s' }, 1000],
    [
      {
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-requests': '9s',
        'x-ratelimit-remaining-tokens': '100',
        'x-ratelimit-reset-tokens': '1s',
      },
      9000,
    ],
    [{ 'x-ratelimit-reset': String(now + 4000) }, 4000],
    [{ 'anthropic-ratelimit-requests-reset': '2025-01-01T00:00:05Z' }, 5000],
    [
      {
        'anthropic-ratelimit-input-tokens-remaining': '0',
        'anthropic-ratelimit-input-tokens-reset': '2025-01-01T00:00:30Z',
        'anthropic-ratelimit-requests-reset': '2025-01-01T00:00:01Z',
      },
      30_000,
    ],
    [{ 'content-type': 'application/json' }, undefined],
  ])('%j', (headers, expected) => {
    expect(waitOf(headers, now)).toBe(expected);
  });

  test('only what heals by waiting says for how long', () => {
    const waitAfter = (status: number, body: unknown, headers: Record<string, string>) =>
      callErrorOf(answered(status, body, headers)).retryAfterMs;
    expect(waitAfter(429, {}, { 'x-ratelimit-reset-requests': '2s' })).toBe(2000);
    expect(waitAfter(503, {}, { 'retry-after': '2' })).toBe(2000);
    expect(waitAfter(503, {}, { 'x-ratelimit-reset-requests': '2s' })).toBeUndefined();
    expect(waitAfter(401, {}, { 'retry-after': '2' })).toBeUndefined();
    const delay = google(429, 'RESOURCE_EXHAUSTED', '', [{ retryDelay: '34s' }]);
    expect(waitAfter(429, delay, {})).toBe(34_000);
  });
});
