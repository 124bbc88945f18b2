import type { providerOperations, ErrorClass, HandlerAnswer } from '#libs/contracts';
import { CallDeferred, CallError, describeErrorClass, type ModelsOf } from '#libs/evaluation';
import type { Providers } from './providers.ts';

const TIMEOUT_MS = 30_000;
const PATIENCE_MS = 5_000;
const LONGEST_SHOWN = 200;

/**
 * Asks a model of a provider for one word, once. That it does not work is an answer too, with the
 * class of the error and the remedy.
 * @throws {RequestError} `provider_not_found`
 */
export async function testProvider(
  deps: { providers: Providers; models: ModelsOf },
  test: { projectId: string; id: string; model: string; signal: AbortSignal },
): Promise<HandlerAnswer<typeof providerOperations.testProvider>> {
  const { projectId, model, signal } = test;
  const { name } = await deps.providers.getProvider(projectId, test.id);
  const models = deps.models({ projectId, timeoutMs: TIMEOUT_MS, maxRetries: 0, cache: false });
  try {
    const { text, latencyMs } = await models.generate(
      {
        provider: name,
        model,
        messages: [{ role: 'user', content: 'Answer with the word ok.' }],
        parameters: { maxOutputTokens: 16 },
        repeat: 0,
      },
      { signal, patienceMs: PATIENCE_MS },
    );
    const output = text.slice(0, LONGEST_SHOWN).toWellFormed();
    return { ok: true, latencyMs: latencyMs ?? null, output, error: null };
  } catch (error) {
    if (error instanceof CallError) return failed(error.class, error.message);
    if (error instanceof CallDeferred) {
      return failed(
        'rate_limited',
        'The limits of the provider leave no room for a call just now.',
      );
    }
    throw error;
  }
}

const failed = (errorClass: ErrorClass, message: string) => ({
  ok: false,
  latencyMs: null,
  output: null,
  error: { class: errorClass, message, remedy: describeErrorClass(errorClass).remedy },
});
