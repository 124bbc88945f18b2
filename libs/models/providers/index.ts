import type { ProviderKind } from '#libs/contracts';
import type { ProviderLibrary } from './settings.ts';

export type { ProviderLibrary, ProviderModels } from './settings.ts';

/** Each is loaded when it is used first. */
const libraries: Record<ProviderKind, () => Promise<{ library: ProviderLibrary }>> = {
  openai: async () => import('./openai.ts'),
  anthropic: async () => import('./anthropic.ts'),
  google: async () => import('./google.ts'),
  mistral: async () => import('./mistral.ts'),
  azure_openai: async () => import('./azure-openai.ts'),
  bedrock: async () => import('./bedrock.ts'),
  groq: async () => import('./groq.ts'),
  openai_compatible: async () => import('./openai-compatible.ts'),
};

export const libraryOf = async (kind: ProviderKind): Promise<ProviderLibrary> =>
  (await libraries[kind]()).library;
