import type { ModelPrices, ProviderKind } from '#libs/contracts';

interface Priced {
  kind: ProviderKind;
  prices: Readonly<Record<string, ModelPrices>>;
}

const prices = (
  inputPerMillion: number,
  outputPerMillion: number,
  cachedInputPerMillion?: number,
): ModelPrices => ({
  inputPerMillion,
  outputPerMillion,
  ...(cachedInputPerMillion !== undefined && { cachedInputPerMillion }),
});

/** https://developers.openai.com/api/docs/pricing */
const openai: Record<string, ModelPrices> = {
  'gpt-5.5': prices(5, 30, 0.5),
  'gpt-5.4': prices(2.5, 15, 0.25),
  'gpt-5.4-mini': prices(0.75, 4.5, 0.075),
  'gpt-5.4-nano': prices(0.2, 1.25, 0.02),
  'gpt-5.2': prices(1.75, 14, 0.175),
  'gpt-5.1': prices(1.25, 10, 0.125),
  'gpt-5': prices(1.25, 10, 0.125),
  'gpt-5-mini': prices(0.25, 2, 0.025),
  'gpt-5-nano': prices(0.05, 0.4, 0.005),
  'gpt-4.1': prices(2, 8, 0.5),
  'gpt-4.1-mini': prices(0.4, 1.6, 0.1),
  'gpt-4.1-nano': prices(0.1, 0.4, 0.025),
  'gpt-4o': prices(2.5, 10, 1.25),
  'gpt-4o-mini': prices(0.15, 0.6, 0.075),
  o3: prices(2, 8, 0.5),
  'o3-mini': prices(1.1, 4.4, 0.55),
  'o4-mini': prices(1.1, 4.4, 0.275),
  'text-embedding-3-small': prices(0.02, 0),
  'text-embedding-3-large': prices(0.13, 0),
  'text-embedding-ada-002': prices(0.1, 0),
  // The first snapshot cost more than those that came after it.
  'gpt-4o-2024-05-13': prices(5, 15),
};

/** https://platform.claude.com/docs/en/about-claude/pricing */
const anthropic: Record<string, ModelPrices> = {
  'claude-fable-5-1': prices(10, 50, 0.25),
  'claude-fable-5': prices(10, 50, 1),
  'claude-opus-5-5': prices(4, 20, 0.2),
  'claude-opus-5': prices(5, 25, 0.5),
  'claude-opus-4-8': prices(5, 25, 0.5),
  'claude-opus-4-7': prices(5, 25, 0.5),
  'claude-opus-4-6': prices(5, 25, 0.5),
  'claude-opus-4-5': prices(5, 25, 0.5),
  'claude-opus-4-1': prices(15, 75, 1.5),
  'claude-opus-4': prices(15, 75, 1.5),
  'claude-sonnet-5-5': prices(2, 10, 0.1),
  'claude-sonnet-5': prices(2, 10, 0.2),
  'claude-sonnet-4-6': prices(3, 15, 0.3),
  'claude-sonnet-4-5': prices(3, 15, 0.3),
  'claude-sonnet-4': prices(3, 15, 0.3),
  'claude-3-7-sonnet': prices(3, 15, 0.3),
  'claude-haiku-5-5': prices(0.1, 0.5, 0.01),
  'claude-haiku-4-5': prices(1, 5, 0.1),
  'claude-3-5-haiku': prices(0.8, 4, 0.08),
};

/** https://ai.google.dev/gemini-api/docs/pricing, the paid tier, for text */
const google: Record<string, ModelPrices> = {
  'gemini-3.5-flash': prices(1.5, 9),
  'gemini-3.1-pro-preview': prices(2, 12),
  'gemini-3.1-flash-lite': prices(0.25, 1.5),
  'gemini-3-flash-preview': prices(0.5, 3),
  'gemini-2.5-pro': prices(1.25, 10),
  'gemini-2.5-flash': prices(0.3, 2.5),
  'gemini-2.5-flash-lite': prices(0.1, 0.4),
  'gemini-2.0-flash': prices(0.1, 0.4),
  'gemini-embedding-001': prices(0.15, 0),
};

/** https://mistral.ai/pricing; names that end in -latest move from model to model, so none is here. */
const mistral: Record<string, ModelPrices> = {
  'mistral-large-2411': prices(2, 6),
  'mistral-medium-2508': prices(0.4, 2),
  'mistral-medium-2505': prices(0.4, 2),
  'mistral-small-2506': prices(0.1, 0.3),
  'codestral-2508': prices(0.3, 0.9),
  'mistral-embed': prices(0.1, 0),
};

/** https://groq.com/pricing */
const groq: Record<string, ModelPrices> = {
  'llama-3.3-70b-versatile': prices(0.59, 0.79),
  'llama-3.1-8b-instant': prices(0.05, 0.08),
};

/** https://aws.amazon.com/bedrock/pricing, in the regions of the United States */
const bedrock: Record<string, ModelPrices> = {
  'amazon.nova-micro-v1:0': prices(0.035, 0.14),
  'amazon.nova-lite-v1:0': prices(0.06, 0.24),
  'amazon.nova-pro-v1:0': prices(0.8, 3.2),
  'us.amazon.nova-micro-v1:0': prices(0.035, 0.14),
  'us.amazon.nova-lite-v1:0': prices(0.06, 0.24),
  'us.amazon.nova-pro-v1:0': prices(0.8, 3.2),
};

/**
 * List prices in US dollars for a million tokens, looked up in November 2026 (of what is no longer
 * listed, the last), without discounts for batches and without surcharges for regions and long prompts.
 * A model whose price is not certain is not in here: an unknown cost can be seen, a wrong one cannot.
 * Deployments of Azure have the names that their owners gave them, and endpoints that speak as OpenAI
 * does have prices of their own; theirs are set at the provider.
 */
const table: Partial<Record<ProviderKind, Record<string, ModelPrices>>> = {
  openai,
  anthropic,
  google,
  mistral,
  groq,
  bedrock,
};

/** Dated snapshots cost what their model does: `gpt-4o-2024-08-06`. */
const withoutDate = (model: string): string => model.replace(/-(\d{4}-\d{2}-\d{2}|\d{8})$/, '');

/**
 * What a model costs: as given, else as the provider is configured, else by its list price.
 * Undefined where no price is known, which is not the same as free.
 */
export function priceOf(
  { kind, prices }: Priced,
  model: string,
  override?: ModelPrices,
): ModelPrices | undefined {
  const listed = table[kind] ?? {};
  return override ?? own(prices, model) ?? own(listed, model) ?? own(listed, withoutDate(model));
}

/** What users call a model may be what every object has, such as `constructor`. */
const own = (
  prices: Readonly<Record<string, ModelPrices>>,
  model: string,
): ModelPrices | undefined => (Object.hasOwn(prices, model) ? prices[model] : undefined);

/**
 * What tokens cost, in US dollars. Undefined where the price or one of the counts is not known.
 * @param tokens `cachedInputTokens` are those of the input that the provider's own cache knew
 */
export function costOf(
  price: ModelPrices | undefined,
  tokens: {
    inputTokens?: number | undefined;
    outputTokens?: number | undefined;
    cachedInputTokens?: number | undefined;
  },
): number | undefined {
  const { inputTokens, outputTokens, cachedInputTokens = 0 } = tokens;
  if (price === undefined || inputTokens === undefined || outputTokens === undefined) {
    return undefined;
  }
  const { inputPerMillion, outputPerMillion, cachedInputPerMillion = inputPerMillion } = price;
  const cached = Math.min(cachedInputTokens, inputTokens);
  const total =
    (inputTokens - cached) * inputPerMillion +
    cached * cachedInputPerMillion +
    outputTokens * outputPerMillion;
  return total / 1e6;
}
