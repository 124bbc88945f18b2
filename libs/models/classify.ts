import type { ErrorClass } from '#libs/contracts';
import { CallError, OutgoingError } from '#libs/evaluation';
import {
  AISDKError,
  APICallError,
  InvalidArgumentError,
  InvalidPromptError,
  LoadAPIKeyError,
  LoadSettingError,
  NoSuchModelError,
  UnsupportedFunctionalityError,
} from '@ai-sdk/provider';
import { durationOf, waitOf } from './wait.ts';

/**
 * What a provider's library threw, as an error of the closed set. Of what the provider wrote only codes
 * and names of parameters are told on: its sentences quote prompts and parts of keys.
 *
 * @param provider the project's name for it, to be told in messages
 * @returns a `CallError`, or what was thrown where it is a mistake of ours
 */
export function classified(provider: string, error: unknown): unknown {
  if (error instanceof CallError) return error;
  const outgoing = outgoingOf(error);
  if (outgoing) return new CallError(classOfOutgoing[outgoing.code], outgoing.message);
  if (APICallError.isInstance(error)) return ofAnswer(provider, error);
  if (LoadAPIKeyError.isInstance(error) || LoadSettingError.isInstance(error)) {
    return new CallError('not_configured', `the provider "${provider}" lacks a key or a setting`);
  }
  if (UnsupportedFunctionalityError.isInstance(error)) {
    const message = `"${provider}" cannot do this: ${error.functionality.slice(0, 200)}`;
    return new CallError('invalid_request', message);
  }
  if (NoSuchModelError.isInstance(error)) {
    return new CallError('model_not_found', `"${provider}" has no such model`);
  }
  if (InvalidPromptError.isInstance(error) || InvalidArgumentError.isInstance(error)) {
    return new CallError('invalid_request', `"${provider}" does not take a request like this`);
  }
  if (AISDKError.isInstance(error)) return unreadable(provider);
  return error;
}

const classOfOutgoing: Record<OutgoingError['code'], ErrorClass> = {
  refused: 'address_refused',
  unreachable: 'unreachable',
  timeout: 'timeout',
  too_large: 'response_too_large',
  invalid_request: 'invalid_request',
  invalid_response: 'invalid_response',
  // Whoever cancels knows; it is the signal's reason that counts.
  canceled: 'internal_error',
};

/** Libraries wrap what the way out throws. */
function outgoingOf(error: unknown, depth = 0): OutgoingError | undefined {
  if (error instanceof OutgoingError) return error;
  if (!(error instanceof Error) || depth > 4) return undefined;
  return outgoingOf(error.cause, depth + 1);
}

const unreadable = (provider: string): CallError =>
  new CallError(
    'invalid_response',
    `"${provider}" gave an answer that does not keep to its protocol`,
  );

/** What providers say about an error, in the shapes that they have for it. */
interface Told {
  /** Codes, reasons and types, the most telling first: `insufficient_quota`, `API_KEY_INVALID`. */
  codes: string[];
  /** The parameter that it is about. */
  param: string | undefined;
  /** Its sentences, never shown. */
  text: string;
  retryAfterMs: number | undefined;
}

function ofAnswer(provider: string, error: APICallError): unknown {
  const headers = error.responseHeaders ?? {};
  const told = toldBy(error.responseBody ?? '', headers);
  // Some answer 200 and put the error, with its status, into the body.
  const isAnswered = error.statusCode === undefined || error.statusCode < 300;
  const inBody = told.codes.map(Number).find((code) => code >= 400 && code < 600);
  const status = isAnswered ? inBody : error.statusCode;
  if (status === undefined) return unreadable(provider);
  const errorClass = classOf(status, told);
  const wait = waits.has(errorClass)
    ? (told.retryAfterMs ?? waitOf(status === 429 ? headers : onlyAsked(headers), Date.now()))
    : undefined;
  return new CallError(
    errorClass,
    messageOf(provider, status, errorClass, told),
    wait === undefined ? {} : { retryAfterMs: wait },
  );
}

const waits = new Set<ErrorClass>(['rate_limited', 'server_error']);
/** When limits reset says nothing about when an outage ends. */
const onlyAsked = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('retry-after')));

/** By what the provider calls it; where several match, the first counts. */
const byCode: readonly (readonly [RegExp, ErrorClass])[] = [
  [
    /^(insufficient_quota|billing_\w+|credit_balance\w*|insufficient_(funds|balance|credits))$/,
    'quota_exhausted',
  ],
  [/perday|^servicequotaexceeded/, 'quota_exhausted'],
  [
    /context_length_exceeded|^context_window|^model_max_prompt_tokens|^string_above_max_length$/,
    'context_length',
  ],
  [/^request_too_large$/, 'context_length'],
  [/content_filter|content_policy|responsibleai|^prompt_blocked$|guardrail/, 'content_filter'],
  [
    /^(invalid_api_key|authentication_error|api_key_invalid|unauthenticated|unauthorized)$/,
    'authentication',
  ],
  [
    /^(unrecognizedclient|invalidsignature|expiredtoken|incompletesignature|invalidclienttokenid|missingauthenticationtoken)/,
    'authentication',
  ],
  [
    /^(permission_error|permission_denied|permissiondenied|accessdenied|access_denied|failed_precondition|unsupported_country_region_territory)/,
    'permission_denied',
  ],
  [
    /^(model_not_found|model_decommissioned|invalid_model|deploymentnotfound|not_found_error|notfounderror|resourcenotfound|modelnotfound)/,
    'model_not_found',
  ],
  [/^(json_validate_failed|tool_use_failed)$/, 'invalid_response'],
  [/^(rate_limit_\w+|too_many_requests|throttling|toomanyrequests|modelnotready)/, 'rate_limited'],
  [
    /^(overloaded_error|engine_overloaded\w*|serviceunavailable|modeltimeout|internalserver)/,
    'server_error',
  ],
];

/** Where a provider has no code for it. */
const byText: readonly (readonly [RegExp, ErrorClass])[] = [
  [
    /credit balance is too low|exceeded your current quota, please check your plan|insufficient (credits|balance)/i,
    'quota_exhausted',
  ],
  [
    /prompt is too long|maximum context length|context (length|window|limit)|exceeds? the maximum (number of tokens|allowed)|input is too long|too many (input )?tokens|exceed context limit|reduce the length of/i,
    'context_length',
  ],
  [/content management policy|safety system|content filter(ing)? policy/i, 'content_filter'],
  [/api key not valid|incorrect api key|invalid api key/i, 'authentication'],
  [
    /model .{0,200}(not found|does not exist|is not supported)|on-demand throughput isn.t supported|model identifier is invalid/i,
    'model_not_found',
  ],
];

const byStatus: Record<number, ErrorClass> = {
  401: 'authentication',
  402: 'quota_exhausted',
  403: 'permission_denied',
  404: 'model_not_found',
  405: 'model_not_found',
  408: 'server_error',
  409: 'server_error',
  410: 'model_not_found',
  413: 'context_length',
  421: 'server_error',
  425: 'server_error',
  429: 'rate_limited',
};

function classOf(status: number, { codes, text }: Told): ErrorClass {
  const plain = byStatus[status] ?? (status >= 500 ? 'server_error' : 'invalid_request');
  // A code may say more than its status, but an outage is one whatever it is called.
  const named = byCode.find(([pattern]) =>
    codes.some((code) => pattern.test(code.toLowerCase())),
  )?.[1];
  if (plain === 'server_error') return named === 'context_length' ? named : plain;
  if (named !== undefined) return named;
  if (plain === 'authentication' || plain === 'model_not_found') return plain;
  const said = byText.find(([pattern]) => pattern.test(text))?.[1];
  // Limits name tokens and models in their texts; only a spent account is more than a limit.
  if (plain === 'rate_limited') return said === 'quota_exhausted' ? said : plain;
  return said ?? plain;
}

const codeKeys = ['code', 'reason', 'quotaId', 'status', '__type', 'type'];
const textKeys = ['message', 'msg', 'error', 'detail', 'Message'];
/** What a provider sends back of the request. */
const echoes = new Set(['input', 'ctx', 'failed_generation', 'prompt', 'messages']);
const DEPTH_MAX = 6;

function toldBy(body: string, headers: Record<string, string>): Told {
  const told = { codes: new Map<string, string[]>(), params: [''], texts: [''], wait: [0] };
  const walk = (value: unknown, depth: number): void => {
    if (depth > DEPTH_MAX || typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (echoes.has(key)) continue;
      if (codeKeys.includes(key) && isName(inner)) {
        told.codes.set(key, [...(told.codes.get(key) ?? []), String(inner)]);
      }
      if (textKeys.includes(key) && typeof inner === 'string') told.texts.push(inner);
      if (key === 'param' && isName(inner)) told.params.push(String(inner));
      // The place of a mistake, as lists of validation errors have it.
      if (key === 'loc' && Array.isArray(inner)) {
        const place = inner.filter((part) => part !== 'body').join('.');
        if (isName(place)) told.params.push(place);
      }
      if (key === 'retryDelay' && typeof inner === 'string') {
        told.wait.push(durationOf(inner, 0) ?? 0);
      }
      walk(inner, depth + 1);
    }
  };
  walk(parsed(body), 0);
  const text = told.texts.join('\n');
  const amazon = headers['x-amzn-errortype']?.split(':')[0];
  const codes = codeKeys.flatMap((key) => told.codes.get(key) ?? []);
  const wait = Math.max(...told.wait);
  return {
    codes: isName(amazon) ? [String(amazon), ...codes] : codes,
    param: told.params.find((param) => param !== '') ?? parameterIn(text),
    text,
    retryAfterMs: wait > 0 ? wait : undefined,
  };
}

/** A name, which a key or a prompt could not pass for. */
const isName = (value: unknown): boolean =>
  (typeof value === 'string' &&
    /^[\w.:/#[\]-]{1,60}$/.test(value) &&
    !/sk-|[0-9a-f]{20}/i.test(value)) ||
  (typeof value === 'number' && Number.isInteger(value));

function parsed(body: string): unknown {
  try {
    const value: unknown = JSON.parse(body);
    return value;
  } catch {
    return { message: body.slice(0, 10_000) };
  }
}

/** The parameters that requests have, as providers call them. */
const parameterNames =
  /\b(temperature|top_?p|top_?k|max_(?:completion_|output_)?tokens|maxOutputTokens|maxTokens|seed|random_seed|stop(?:_?sequences)?|presence_?penalty|frequency_?penalty|reasoning(?:_effort)?|thinking\w*|response_?(?:format|schema|mime_type|json_?schema)|output_(?:config|format)|json_schema|tools?|tool_choice|tool_?config|input_?schema|system(?:_?instruction)?)\b/i;

const parameterIn = (text: string): string | undefined => parameterNames.exec(text)?.[1];

const sentences: Partial<Record<ErrorClass, string>> = {
  authentication: 'it does not accept the key',
  permission_denied: 'the key may not do this',
  quota_exhausted: 'the account has no credit or quota left',
  model_not_found: 'it knows no such model, or nothing is at this address',
  invalid_request: 'it refuses the request as it is',
  context_length: 'the prompt is longer than the model allows',
  content_filter: 'it blocked the prompt',
  rate_limited: 'too many calls',
  server_error: 'it failed, or is overloaded',
  invalid_response: 'the model did not keep to the format that was asked for',
};

function messageOf(
  provider: string,
  status: number,
  errorClass: ErrorClass,
  { codes, param }: Told,
): string {
  const code = codes.find((each) => !/^\d+$/.test(each));
  const about = errorClass === 'invalid_request' && param !== undefined;
  const parts = [String(status), ...(code === undefined ? [] : [code])];
  return `"${provider}" answered ${parts.join(' ')}: ${sentences[errorClass] ?? 'it failed'}${
    about ? `; it is about ${param}` : ''
  }`;
}
