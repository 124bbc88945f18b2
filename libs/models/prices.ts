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

const openai: Record<string, ModelPrices> = {
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
};

/**
 * List prices in US dollars for a million tokens, without discounts for batches and without surcharges
 * for regions or long prompts.
 */
const table: Partial<Record<ProviderKind, Record<string, ModelPrices>>> = {
  openai,
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
  const listed = new Map(Object.entries(table[kind] ?? {}));
  return override ?? prices[model] ?? listed.get(model) ?? listed.get(withoutDate(model));
}

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
