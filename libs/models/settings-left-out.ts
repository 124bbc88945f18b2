import { CallError, type ModelRequest } from '#libs/evaluation';
import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  SharedV4Warning,
} from '@ai-sdk/provider';

/** What a request gives explicitly, as the libraries call it. */
const given = (options: LanguageModelV4CallOptions): ReadonlySet<string> =>
  new Set(Object.keys(options).filter((name) => name !== 'prompt'));

/**
 * Settings that a provider's library would leave out, or change, for a model, such as the temperature
 * of a model that reasons. An evaluation that ran without a setting that it names would not tell the
 * truth, so such a request is refused; and it is refused before anything is paid, by asking the
 * library with an answer of ours in place of a call.
 *
 * @param rehearsed the model, whose `fetch` answers with the least
 * @returns why the request is refused; undefined where everything given is sent as it is
 */
export async function settingsLeftOut(
  provider: string,
  rehearsed: LanguageModelV4,
  options: LanguageModelV4CallOptions,
): Promise<CallError | undefined> {
  const names = given(options);
  if (names.size === 0) return undefined;
  const { warnings } = await rehearsed.doGenerate(options);
  const refused = warnings.filter((warning) => isRefused(warning, names)).map(describe);
  if (refused.length === 0) return undefined;
  const message = `"${provider}" does not take ${refused.join(', nor ')} for ${rehearsed.modelId}; leave it out or change it`;
  return new CallError('invalid_request', message);
}

/** A setting that is sent in another form matters where the request names it. */
const isRefused = (warning: SharedV4Warning, names: ReadonlySet<string>): boolean =>
  warning.type === 'unsupported' ||
  (warning.type === 'compatibility' &&
    (names.has(warning.feature) || warning.feature.startsWith('JSON Schema')));

function describe(warning: SharedV4Warning): string {
  const { feature, details } =
    warning.type === 'unsupported' || warning.type === 'compatibility'
      ? warning
      : { feature: warning.type, details: undefined };
  return details === undefined ? feature : `${feature} (${details})`;
}

/** What decides whether a library leaves something out: all but what is written in the messages. */
export const shapeOf = (model: string, request: ModelRequest): string =>
  JSON.stringify([
    model,
    request.parameters,
    request.responseSchema,
    request.tools,
    request.toolChoice,
    request.messages.map(({ role }) => role),
  ]);
