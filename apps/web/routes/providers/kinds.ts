import { z } from 'zod';
import {
  createProvider,
  providerCredentials,
  type ProviderCredentials,
  type ProviderKind,
} from '#libs/contracts';
import { fieldsOf, type Field } from '../../components/schema-form/schema.ts';

type Setting = 'baseUrl' | 'region' | 'resourceName' | 'apiVersion';
type Credential = keyof ProviderCredentials;

interface Kind {
  name: string;
  settings: readonly Setting[];
  needed: readonly Setting[];
  credentials: readonly Credential[];
  /** What is worth knowing before a provider of this kind is made. */
  hint?: string;
}

const kinds: Record<ProviderKind, Kind> = {
  openai: { name: 'OpenAI', settings: ['baseUrl'], needed: [], credentials: ['apiKey'] },
  anthropic: { name: 'Anthropic', settings: ['baseUrl'], needed: [], credentials: ['apiKey'] },
  google: { name: 'Google Gemini', settings: ['baseUrl'], needed: [], credentials: ['apiKey'] },
  mistral: { name: 'Mistral', settings: ['baseUrl'], needed: [], credentials: ['apiKey'] },
  azure_openai: {
    name: 'Azure OpenAI',
    settings: ['resourceName', 'baseUrl', 'apiVersion'],
    needed: [],
    credentials: ['apiKey'],
    hint: 'It needs a resourceName or a baseUrl; its models are the names of your deployments.',
  },
  bedrock: {
    name: 'AWS Bedrock',
    settings: ['region', 'baseUrl'],
    needed: ['region'],
    credentials: ['apiKey', 'accessKeyId', 'secretAccessKey', 'sessionToken'],
    hint: 'It needs an apiKey, or accessKeyId and secretAccessKey together.',
  },
  groq: { name: 'Groq', settings: ['baseUrl'], needed: [], credentials: ['apiKey'] },
  openai_compatible: {
    name: 'OpenAI-compatible (Ollama, vLLM, …)',
    settings: ['baseUrl'],
    needed: ['baseUrl'],
    credentials: ['apiKey'],
    hint: 'A private address has to be allowed by the operator with OUTGOING_ALLOW. The apiKey is for endpoints that want one.',
  },
};

export const kindName = (kind: ProviderKind): string => kinds[kind].name;
export const kindHint = (kind: ProviderKind): string | undefined => kinds[kind].hint;
export const credentialsOf = (kind: ProviderKind): readonly Credential[] => kinds[kind].credentials;

// Without the names of the contract's schemas, which would be put aside and referred to.
const inPlace = (shape: z.ZodRawShape) =>
  fieldsOf(z.toJSONSchema(z.strictObject(shape), { io: 'input', unrepresentable: 'any' }));
const all = inPlace(createProvider.shape);
const credentialFields = inPlace(providerCredentials.shape);

/** What the contract says of a credential. */
export const aboutCredential = (name: Credential): string | undefined =>
  credentialFields.find((field) => field.name === name)?.description;

/** The fields of the contract that a kind of provider has, those that it needs marked. */
export function settingFields(kind: ProviderKind): Field[] {
  const { settings, needed } = kinds[kind];
  return settings.flatMap((setting) =>
    all
      .filter(({ name }) => name === setting)
      .map((field) => ({
        ...field,
        // The contract's one description is for all kinds; which this one has the form shows.
        description: setting === 'baseUrl' ? field.description : undefined,
        required: needed.includes(setting),
      })),
  );
}

export const limitFields: Field[] = all.filter(({ name }) =>
  ['requestsPerMinute', 'tokensPerMinute', 'maxConcurrency'].includes(name),
);
