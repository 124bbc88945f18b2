import { createHash } from 'node:crypto';
import type { ErrorClass, HttpTarget } from '#libs/contracts';
import {
  CallError,
  OutgoingError,
  type Caller,
  type CallSettings,
  type OutgoingHttp,
  type OutgoingResponse,
  type SecretSource,
  type Target,
  type TargetCase,
} from '#libs/evaluation';
import stableStringify from 'fast-json-stable-stringify';
import { compileOnce } from './compile-once.ts';
import { eachItem, known } from './each-item.ts';
import { keepAnswer, keptAnswer, readAnswer, type KeptAnswer } from './http-answer.ts';
import {
  compileHttpRequest,
  type HttpRequestTemplate,
  type RenderedRequest,
} from './http-request.ts';

export interface HttpTargetPorts {
  caller: Caller;
  http: OutgoingHttp;
  secrets: SecretSource;
  settings: CallSettings;
}

const ANSWER_BYTES_MAX = 10_000_000;

const templateOf = compileOnce(compileHttpRequest);

/**
 * Asks an endpoint for each item. Calls to one origin share their limits within the project. Secrets
 * are read when a call is made and are nowhere else: in a cache key stands a hash of them.
 */
export function createHttpTarget(
  target: HttpTarget,
  { caller, http, secrets, settings }: HttpTargetPorts,
): Target {
  return {
    produce: async (cases, { signal, patienceMs }) =>
      eachItem(cases, async (item) => {
        const compiled = templateOf(target);
        const { origin } = compiled;
        const { host } = new URL(origin);
        const values = await secretsOf(compiled, settings.projectId, secrets);
        const request = compiled.render(item, values);
        const hidden =
          compiled.secrets.length === 0
            ? []
            : hiddenIn(compiled.render(item, placeholdersOf(values)), request, values);
        const result = await caller.call<KeptAnswer>({
          lane: { key: `http:${settings.projectId}:${origin}` },
          estimatedTokens: 0,
          timeoutMs: settings.timeoutMs,
          maxRetries: settings.maxRetries,
          signal,
          ...known({ earlier: item.earlier, patienceMs }),
          async once(trySignal) {
            const response = await answered(
              http.request({
                ...request,
                timeoutMs: settings.timeoutMs,
                maxBytes: ANSWER_BYTES_MAX,
                signal: trySignal,
              }),
              trySignal,
            );
            if (response.status < 200 || response.status > 299) throw refusal(response, host);
            const answer = withoutSecrets(keepAnswer(target, response), hidden);
            // What cannot be read is a failed try, and nothing to be kept.
            readAnswer(target, answer, host);
            return answer;
          },
          ...(settings.cache && {
            cache: {
              projectId: settings.projectId,
              key: cacheKey(target, compiled, item, values),
              write: (answer) => answer,
              read: (stored) => readable(target, stored, host),
            },
          }),
        });
        const { latencyMs, queueMs, tries, cached } = result;
        const { costUsd, ...read } = readAnswer(target, result.answer, host);
        return {
          ...read,
          ...known({ latencyMs, costUsd: cached && costUsd !== undefined ? 0 : costUsd }),
          queueMs,
          tries,
          cached,
        };
      }),
  };
}

/** Shorter ones would be found in what has nothing to do with them. */
const HIDDEN_LENGTH_MIN = 8;

const placeholdersOf = (secrets: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.keys(secrets).map((name) => [name, '-']));

/** What an answer must not show: secrets, and words of headers that are made of them, the longest first. */
function hiddenIn(
  plain: RenderedRequest,
  sent: RenderedRequest,
  secrets: Readonly<Record<string, string>>,
): string[] {
  const made = Object.entries(sent.headers).flatMap(([name, value]) =>
    value.split(' ').filter((part) => plain.headers[name]?.split(' ').includes(part) !== true),
  );
  return [...Object.values(secrets), ...made]
    .filter(({ length }) => length >= HIDDEN_LENGTH_MIN)
    .toSorted((a, b) => b.length - a.length);
}

/** An endpoint that shows what it was sent, as one for tests does, would make secrets outputs. */
function withoutSecrets(answer: KeptAnswer, hidden: readonly string[]): KeptAnswer {
  const hide = (text: string): string =>
    hidden.reduce(
      (rest, secret) =>
        rest
          .replaceAll(secret, '[secret]')
          .replaceAll(JSON.stringify(secret).slice(1, -1), '[secret]'),
      text,
    );
  return {
    ...answer,
    text: hide(answer.text),
    ...known({ traceId: answer.traceId === undefined ? undefined : hide(answer.traceId) }),
  };
}

async function secretsOf(
  { secrets }: HttpRequestTemplate,
  projectId: string,
  source: SecretSource,
): Promise<Record<string, string>> {
  const values = secrets.map(async (name) => [name, await source.secret(projectId, name)] as const);
  return Object.fromEntries(await Promise.all(values));
}

/** All that changes the answer. */
function cacheKey(
  { traceIdPath }: HttpTarget,
  compiled: HttpRequestTemplate,
  item: TargetCase,
  secrets: Readonly<Record<string, string>>,
): string {
  const hashes = Object.entries(secrets).map(([name, value]) => [
    name,
    createHash('sha256').update(value).digest('hex'),
  ]);
  const request = compiled.render(item, Object.fromEntries(hashes));
  return stableStringify({ kind: 'http', request, traceIdPath, repeat: item.repeat });
}

function readable(target: HttpTarget, stored: unknown, host: string): KeptAnswer | undefined {
  const kept = keptAnswer.safeParse(stored);
  if (!kept.success) return undefined;
  try {
    readAnswer(target, kept.data, host);
    return kept.data;
  } catch (error) {
    if (error instanceof CallError) return undefined;
    throw error;
  }
}

const classOfCode = {
  refused: 'address_refused',
  unreachable: 'unreachable',
  timeout: 'timeout',
  too_large: 'response_too_large',
  invalid_request: 'invalid_request',
  invalid_response: 'invalid_response',
} as const;

async function answered(
  call: Promise<OutgoingResponse>,
  signal: AbortSignal,
): Promise<OutgoingResponse> {
  try {
    return await call;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof OutgoingError) || error.code === 'canceled') throw error;
    throw new CallError(classOfCode[error.code], error.message, { cause: error });
  }
}

const classOfStatus = new Map<number, ErrorClass>([
  [401, 'authentication'],
  [402, 'quota_exhausted'],
  [403, 'permission_denied'],
  [404, 'model_not_found'],
  [408, 'server_error'],
  [410, 'model_not_found'],
  [425, 'server_error'],
  [429, 'rate_limited'],
]);

/** The body of a refusal may repeat what was sent, so only the status is told. */
function refusal({ status, headers }: OutgoingResponse, host: string): CallError {
  const other = status >= 500 ? 'server_error' : status >= 400 ? 'invalid_request' : 'target_error';
  const retryAfterMs = waitAsked(headers['retry-after']);
  return new CallError(
    classOfStatus.get(status) ?? other,
    `${host} answered with status ${status}`,
    known({ retryAfterMs }),
  );
}

/** Seconds, or a date (RFC 9110, section 10.2.3). */
function waitAsked(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined;
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
