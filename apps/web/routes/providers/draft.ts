import type { z } from 'zod';
import {
  createProvider,
  updateProvider,
  type CreateProvider,
  type Json,
  type ModelPrices,
  type Provider,
  type ProviderCredentials,
  type ProviderKind,
  type UpdateProvider,
} from '#libs/contracts';
import {
  entriesOf,
  readEntries,
  type Entries,
  type Faults,
} from '../../components/schema-form/entries.ts';
import { credentialsOf, limitFields, settingFields } from './kinds.ts';

/** One line of the table of prices, as it is typed. */
export interface PriceLine {
  model: string;
  input: string;
  output: string;
  cached: string;
}

/** What stands in the form of a provider. */
export interface Draft {
  name: string;
  kind: ProviderKind;
  settings: Entries;
  limits: Entries;
  credentials: Partial<Record<keyof ProviderCredentials, string>>;
  prices: readonly PriceLine[];
}

export const emptyDraft: Draft = {
  name: '',
  kind: 'openai',
  settings: {},
  limits: {},
  credentials: {},
  prices: [],
};

const known = (value: object): Record<string, string | number> =>
  Object.fromEntries(Object.entries(value).filter(([, given]) => given !== null));

export function draftOf(provider: Provider): Draft {
  const { name, kind, baseUrl, region, resourceName, apiVersion, prices } = provider;
  const { requestsPerMinute, tokensPerMinute, maxConcurrency } = provider;
  return {
    name,
    kind,
    settings: entriesOf(settingFields(kind), known({ baseUrl, region, resourceName, apiVersion })),
    limits: entriesOf(limitFields, known({ requestsPerMinute, tokensPerMinute, maxConcurrency })),
    credentials: {},
    prices: Object.entries(prices).map(([model, price]) => ({
      model,
      input: String(price.inputPerMillion),
      output: String(price.outputPerMillion),
      cached: price.cachedInputPerMillion === undefined ? '' : String(price.cachedInputPerMillion),
    })),
  };
}

type Read<Value> = { value: Value } | { faults: Faults };

function readPrices(lines: readonly PriceLine[]): Read<Record<string, ModelPrices>> {
  const prices: Record<string, ModelPrices> = {};
  for (const { model, input, output, cached } of lines) {
    if ([model, input, output, cached].every((text) => text.trim() === '')) continue;
    if (model.trim() === '') return { faults: { prices: 'a line has no model' } };
    const [inputPerMillion, outputPerMillion, cachedInputPerMillion] = [input, output, cached].map(
      (text) => (text.trim() === '' ? Number.NaN : Number(text)),
    );
    if (
      inputPerMillion === undefined ||
      outputPerMillion === undefined ||
      Number.isNaN(inputPerMillion) ||
      Number.isNaN(outputPerMillion)
    ) {
      return { faults: { prices: `${model}: input and output must be numbers` } };
    }
    const price = { inputPerMillion, outputPerMillion };
    if (cached.trim() === '' || cachedInputPerMillion === undefined) prices[model.trim()] = price;
    else if (Number.isNaN(cachedInputPerMillion)) {
      return { faults: { prices: `${model}: cached input must be a number, or empty` } };
    } else prices[model.trim()] = { ...price, cachedInputPerMillion };
  }
  return { value: prices };
}

/** The credentials that were typed, of the kind as it is now; undefined where none was. */
function credentialsIn({ kind, credentials }: Draft): ProviderCredentials | undefined {
  const typed = credentialsOf(kind).flatMap((name) => {
    const value = credentials[name]?.trim() ?? '';
    return value === '' ? [] : [[name, value]];
  });
  return typed.length === 0 ? undefined : Object.fromEntries(typed);
}

interface Parts {
  settings: Record<string, Json>;
  limits: Record<string, Json>;
  prices: Record<string, ModelPrices>;
}

function readParts(draft: Draft): Read<Parts> {
  const settings = readEntries(settingFields(draft.kind), draft.settings);
  const limits = readEntries(limitFields, draft.limits);
  const prices = readPrices(draft.prices);
  if ('faults' in settings || 'faults' in limits || 'faults' in prices) {
    const faults: Faults = {
      ...('faults' in settings && settings.faults),
      ...('faults' in limits && limits.faults),
      ...('faults' in prices && prices.faults),
    };
    return { faults };
  }
  return { value: { settings: settings.value, limits: limits.value, prices: prices.value } };
}

/** What the contract says of a call, each fault at the field of the form that it is about. */
function checked<Schema extends z.ZodType>(schema: Schema, value: unknown): Read<z.output<Schema>> {
  const read = schema.safeParse(value);
  if (read.success) return { value: read.data };
  const faults: Record<string, string> = {};
  for (const { path, message } of read.error.issues) {
    const [field = '', ...deeper] = path.map(String);
    faults[field] ??= deeper.length === 0 ? message : `${deeper.join('.')}: ${message}`;
  }
  return { faults };
}

/** The call that makes the provider, or what is wrong; what a kind needs the server says. */
export function readCreate(draft: Draft): Read<CreateProvider> {
  const read = readParts(draft);
  if ('faults' in read) return read;
  const { settings, limits, prices } = read.value;
  const credentials = credentialsIn(draft);
  return checked(createProvider, {
    name: draft.name.trim(),
    kind: draft.kind,
    ...settings,
    ...limits,
    ...(credentials && { credentials }),
    ...(Object.keys(prices).length > 0 && { prices }),
  });
}

/** The call that makes the provider what the form says: what is empty there is taken away. */
export function readUpdate(draft: Draft): Read<UpdateProvider> {
  const read = readParts(draft);
  if ('faults' in read) return read;
  const { settings, limits, prices } = read.value;
  const credentials = credentialsIn(draft);
  const cleared = [...settingFields(draft.kind), ...limitFields].map(({ name }) => [name, null]);
  return checked(updateProvider, {
    ...Object.fromEntries(cleared),
    ...settings,
    ...limits,
    prices: Object.keys(prices).length > 0 ? prices : null,
    ...(credentials && { credentials }),
  });
}
