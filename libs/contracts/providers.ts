import { z } from 'zod';
import { id, page, pageQuery, text, timestamp } from './common.ts';
import { defineOperation } from './operation.ts';
import { modelPrices } from './targets.ts';

export const providerKinds = [
  'openai',
  'anthropic',
  'google',
  'mistral',
  'azure_openai',
  'bedrock',
  'groq',
  'openai_compatible',
] as const;
export const providerKind = z.enum(providerKinds);
export type ProviderKind = z.infer<typeof providerKind>;

/** What goes into a header. Anything else, such as a line break that was copied along, breaks the call. */
const headerText = (maximum: number) =>
  text(maximum).regex(
    /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/,
    'must be printable ASCII, without spaces or line breaks around it',
  );

/** What proves to a provider who calls. Encrypted as soon as it arrives, and never answered with. */
export const providerCredentials = z
  .strictObject({
    apiKey: headerText(5000).optional(),
    accessKeyId: headerText(500)
      .optional()
      .meta({ description: 'Bedrock, where there is no API key' }),
    secretAccessKey: headerText(500).optional(),
    sessionToken: headerText(5000).optional(),
  })
  .meta({ id: 'ProviderCredentials' });
export type ProviderCredentials = z.infer<typeof providerCredentials>;

const settings = {
  baseUrl: text(2000)
    .regex(/^https?:\/\//, 'must begin with http:// or https://')
    .optional()
    .meta({ description: "Left out: the provider's own; openai_compatible needs one" }),
  region: text(100).optional().meta({ description: 'Bedrock' }),
  resourceName: text(200)
    .optional()
    .meta({ description: 'Azure OpenAI, where there is no baseUrl' }),
  apiVersion: text(100).optional().meta({ description: 'Azure OpenAI' }),
  requestsPerMinute: z.int().min(1).max(10_000_000).optional().meta({
    description: 'Shared by all runs, judges and workers; left out: no limit of ours',
  }),
  tokensPerMinute: z.int().min(1).max(1_000_000_000).optional(),
  maxConcurrency: z.int().min(1).max(10_000).optional().meta({
    description: 'Calls in flight at most; halved when the provider says that it is too much',
  }),
  prices: z.record(text(300), modelPrices).optional().meta({
    description: 'By model; overrides the price table',
  }),
};

export const createProvider = z
  .strictObject({
    name: text(100).regex(/^[\w.-]+$/, 'must be letters, digits, _, . or -'),
    kind: providerKind,
    credentials: providerCredentials.optional(),
    ...settings,
  })
  .meta({ id: 'CreateProvider' });
export type CreateProvider = z.infer<typeof createProvider>;

export const updateProvider = z
  .strictObject({
    credentials: providerCredentials.nullable().optional().meta({
      description: 'Replaces all of them; needed again with another baseUrl',
    }),
    baseUrl: settings.baseUrl.nullable(),
    region: settings.region.nullable(),
    resourceName: settings.resourceName.nullable(),
    apiVersion: settings.apiVersion.nullable(),
    requestsPerMinute: settings.requestsPerMinute.nullable(),
    tokensPerMinute: settings.tokensPerMinute.nullable(),
    maxConcurrency: settings.maxConcurrency.nullable(),
    prices: settings.prices.nullable(),
  })
  .meta({ id: 'UpdateProvider', description: 'null takes a setting away; what is left out stays' });
export type UpdateProvider = z.infer<typeof updateProvider>;

export const provider = z
  .object({
    id,
    name: z.string(),
    kind: providerKind,
    hasCredentials: z.boolean(),
    credentialsUpdatedAt: timestamp.nullable(),
    baseUrl: z.string().nullable(),
    region: z.string().nullable(),
    resourceName: z.string().nullable(),
    apiVersion: z.string().nullable(),
    requestsPerMinute: z.int().nullable(),
    tokensPerMinute: z.int().nullable(),
    maxConcurrency: z.int().nullable(),
    prices: z.record(z.string(), modelPrices),
    createdAt: timestamp,
    updatedAt: timestamp,
  })
  .meta({ id: 'Provider' });
export type Provider = z.infer<typeof provider>;

export const secretName = text(100).regex(
  /^[A-Za-z_]\w*$/,
  'must be letters, digits and _, beginning with a letter',
);
export const secret = z
  .object({ id, name: z.string(), createdAt: timestamp, updatedAt: timestamp })
  .meta({ id: 'Secret', description: 'Its value never leaves the server' });
export type Secret = z.infer<typeof secret>;

const params = z.object({ id });

export const providerOperations = {
  createProvider: defineOperation({
    id: 'createProvider',
    method: 'POST',
    path: '/providers',
    summary: 'Add a provider of models, with its key',
    description:
      'Credentials are encrypted with AES-256-GCM, per project, and never answered with.',
    tag: 'Providers',
    role: 'admin',
    body: createProvider,
    status: 201,
    response: provider,
  }),
  listProviders: defineOperation({
    id: 'listProviders',
    method: 'GET',
    path: '/providers',
    summary: 'List the providers of the project, by name',
    tag: 'Providers',
    role: 'viewer',
    query: pageQuery,
    status: 200,
    response: page(provider),
  }),
  getProvider: defineOperation({
    id: 'getProvider',
    method: 'GET',
    path: '/providers/{id}',
    summary: 'Get a provider',
    tag: 'Providers',
    role: 'viewer',
    params,
    status: 200,
    response: provider,
  }),
  updateProvider: defineOperation({
    id: 'updateProvider',
    method: 'PATCH',
    path: '/providers/{id}',
    summary: "Change a provider's key, limits or prices",
    tag: 'Providers',
    role: 'admin',
    params,
    body: updateProvider,
    status: 200,
    response: provider,
  }),
  deleteProvider: defineOperation({
    id: 'deleteProvider',
    method: 'DELETE',
    path: '/providers/{id}',
    summary: 'Delete a provider and its key for good',
    tag: 'Providers',
    role: 'admin',
    params,
    status: 204,
  }),
  testProvider: defineOperation({
    id: 'testProvider',
    method: 'POST',
    path: '/providers/{id}/test',
    summary: 'Ask a model of a provider for one word',
    description: 'Costs a few tokens. Answers with what went wrong where it does not work.',
    tag: 'Providers',
    role: 'editor',
    params,
    body: z.strictObject({ model: text(300) }),
    status: 200,
    response: z.object({
      ok: z.boolean(),
      latencyMs: z.number().nullable(),
      output: z.string().nullable(),
      error: z.object({ class: z.string(), message: z.string(), remedy: z.string() }).nullable(),
    }),
  }),
  createSecret: defineOperation({
    id: 'createSecret',
    method: 'POST',
    path: '/secrets',
    summary: 'Store a secret that headers of HTTP targets can name',
    tag: 'Providers',
    role: 'admin',
    body: z.strictObject({ name: secretName, value: headerText(10_000) }),
    status: 201,
    response: secret,
  }),
  listSecrets: defineOperation({
    id: 'listSecrets',
    method: 'GET',
    path: '/secrets',
    summary: 'List the names of the secrets',
    tag: 'Providers',
    role: 'viewer',
    query: pageQuery,
    status: 200,
    response: page(secret),
  }),
  updateSecret: defineOperation({
    id: 'updateSecret',
    method: 'PATCH',
    path: '/secrets/{id}',
    summary: "Replace a secret's value",
    tag: 'Providers',
    role: 'admin',
    params,
    body: z.strictObject({ value: headerText(10_000) }),
    status: 200,
    response: secret,
  }),
  deleteSecret: defineOperation({
    id: 'deleteSecret',
    method: 'DELETE',
    path: '/secrets/{id}',
    summary: 'Delete a secret for good',
    tag: 'Providers',
    role: 'admin',
    params,
    status: 204,
  }),
};
