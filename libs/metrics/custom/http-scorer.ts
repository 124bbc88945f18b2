import type { Json } from '#libs/contracts';
import {
  defineMetric,
  OutgoingError,
  type OutgoingHttp,
  type OutgoingResponse,
} from '#libs/evaluation';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { MetricError } from '../metric-error.ts';
import { caseOf, checkShape, judgementOf, shapeOfConfig, shapeOptions } from './scorer-answer.ts';

const address = z
  .string()
  .max(2_000)
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
    error: 'must be an address such as https://scorer.example.org/score',
  })
  .refine((text) => !URL.canParse(text) || new URL(text).username + new URL(text).password === '', {
    error: 'must not have a user name or password in it; use a header',
  });

const config = z
  .strictObject({
    url: address.meta({ description: 'Where each case is sent to, by POST' }),
    headers: z
      .record(
        z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,100}$/, 'must be the name of a header'),
        z.string().regex(/^[\t\u0020-\u007e]{0,4000}$/, 'must be plain text on one line'),
      )
      .refine((headers) => Object.keys(headers).length <= 20, { error: 'at most 20 headers' })
      .default({})
      .meta({
        description:
          'Headers of the request. They are stored and shown as they are: put no secrets here; those come by name in a later version',
      }),
    timeoutMs: z
      .int()
      .min(100)
      .max(120_000)
      .default(10_000)
      .meta({ description: 'Milliseconds for each case, with all attempts' }),
    ...shapeOptions,
  })
  .superRefine(checkShape);

/** A user's scorer elsewhere. */
export const httpScorer = defineMetric({
  name: 'http_scorer',
  title: 'HTTP scorer',
  family: 'custom',
  description:
    'A scorer of your own, behind an HTTP address. Each case is sent to it, and its answer is the score. Headers are stored as they are given, so put no secrets into them yet.',
  definition:
    'Each case is one POST with the JSON body { input, output, expected, metadata, usage, toolCalls }, without what the item lacks. The answer must have a status of 200 to 299 and the JSON body { value, passed, reason, details }, of which only value is needed, or { notApplicable: reason }; a value of null is not applicable too. The value must be of the kind that is configured and within min and max. Anything else is an error, which names the status and never repeats the body. A status of 429 or of 500 and more, and a scorer that cannot be reached, are tried again at most twice, after a growing pause or the seconds that Retry-After asks for (up to 5), as far as timeoutMs allows; so a scorer may see a case more than once. Addresses that are private, loopback, link-local or of a cloud’s metadata are refused, also behind redirects, unless an operator allows them in OUTGOING_ALLOW. The answer may have 100,000 bytes, its details 10,000 characters.',
  source: 'Defined by its user; compare the webhook assertion of promptfoo.',
  kind: 'numeric',
  range: { min: null, max: null },
  direction: 'higher',
  needs: [],
  config,
  work: 'network',
  examples: [
    {
      config: { url: 'https://scorer.example.org/politeness', min: 0, max: 1 },
      input: 'Where is my parcel?',
      output: 'It will be with you tomorrow, thank you for waiting.',
      value: 0.9,
    },
    {
      config: { url: 'https://scorer.example.org/facts', kind: 'boolean' },
      output: 'Paris is in Spain',
      expected: 'Paris is in France',
      value: false,
    },
  ],
  shape: shapeOfConfig,
  prepare({ url, headers, timeoutMs }, { http }) {
    const host = new URL(url).host;
    const who = `the scorer at ${host}`;
    return async (item, signal) => {
      const body = bodyOf(caseOf(item));
      const post = async (leftMs: number) =>
        http.request({
          url,
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
          body,
          timeoutMs: leftMs,
          maxBytes: ANSWER_BYTES_MAX,
          signal,
        });
      const { status, text } = await persistently(post, timeoutMs, signal);
      if (status < 200 || status > 299) {
        throw new MetricError(`${who} answered with status ${status}`);
      }
      return judgementOf(parsed(text, who), who);
    };
  },
});

const ANSWER_BYTES_MAX = 100_000;
const RETRIES_MAX = 2;
const FIRST_PAUSE_MS = 200;
const RETRY_AFTER_MAX_MS = 5_000;

type Outcome = { response: OutgoingResponse } | { error: OutgoingError };

/**
 * Tries again what may be better a moment later, as long as there is time for it; the last outcome
 * counts.
 */
async function persistently(
  post: (leftMs: number) => ReturnType<OutgoingHttp['request']>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<OutgoingResponse> {
  const end = performance.now() + timeoutMs;
  const leftMs = () => Math.max(1, Math.ceil(end - performance.now()));
  let outcome = await outcomeOf(post(leftMs()));
  for (let retry = 0; retry < RETRIES_MAX && isPassing(outcome); retry += 1) {
    const pauseMs = pauseBefore(retry, outcome);
    if (pauseMs === undefined || pauseMs >= leftMs()) break;
    await wait(pauseMs, undefined, { signal });
    outcome = await outcomeOf(post(leftMs()));
  }
  if ('error' in outcome) throw outcome.error;
  return outcome.response;
}

async function outcomeOf(call: Promise<OutgoingResponse>): Promise<Outcome> {
  try {
    return { response: await call };
  } catch (error) {
    if (error instanceof OutgoingError) return { error };
    throw error;
  }
}

const isPassing = (outcome: Outcome): boolean =>
  'error' in outcome
    ? outcome.error.code === 'unreachable'
    : outcome.response.status === 429 || outcome.response.status >= 500;

/** Undefined where the scorer asks for more patience than there is. */
function pauseBefore(retry: number, outcome: Outcome): number | undefined {
  const given = 'response' in outcome ? outcome.response.headers['retry-after'] : undefined;
  if (given === undefined) return FIRST_PAUSE_MS * 2 ** retry * (0.5 + Math.random());
  const asked = /^\d{1,6}$/.test(given) ? Number(given) * 1000 : Date.parse(given) - Date.now();
  if (Number.isNaN(asked)) return FIRST_PAUSE_MS * 2 ** retry;
  return asked > RETRY_AFTER_MAX_MS ? undefined : Math.max(0, asked);
}

function bodyOf(item: Json): string {
  try {
    return JSON.stringify(item);
  } catch {
    throw new MetricError('the item nests too deep to be sent');
  }
}

function parsed(text: string, who: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MetricError(`${who} answered with something that is not JSON`);
  }
}
