import { CallError, type ConfiguredProvider, type ModelRequest } from '#libs/evaluation';
import type { EmbeddingModelV4, LanguageModelV4 } from '@ai-sdk/provider';
import { createHash } from 'node:crypto';
import { Bounded } from './bounded.ts';
import { classified } from './classify.ts';
import { libraryOf, type ProviderLibrary, type ProviderModels } from './providers/index.ts';
import { callOptionsOf } from './request.ts';
import { settingsLeftOut, shapeOf } from './settings-left-out.ts';

const PROVIDERS_MAX = 200;
const MODELS_MAX = 100;
const SHAPES_MAX = 100;

/** A provider with its settings and key, ready to be asked. */
export class OpenedProvider {
  private readonly name: string;
  private readonly models: ProviderModels;
  private readonly rehearsed: ProviderModels;
  /** Making one takes a good part of what a call takes. */
  private readonly chats = new Bounded<LanguageModelV4>(MODELS_MAX);
  private readonly refusals = new Bounded<Promise<CallError | undefined>>(SHAPES_MAX);

  /** @throws {CallError} `not_configured` */
  constructor(
    provider: ConfiguredProvider,
    { open, leastAnswer }: ProviderLibrary,
    fetch: typeof globalThis.fetch,
  ) {
    this.name = provider.name;
    this.models = open(provider, fetch);
    this.rehearsed = open(provider, async () => Response.json(leastAnswer));
  }

  /** @throws {CallError} `invalid_request` where the library would leave out what the request gives */
  async chat(request: ModelRequest): Promise<LanguageModelV4> {
    const refusal = await this.refusals.getOrMake(shapeOf(request.model, request), async () =>
      this.refusalOf(request),
    );
    if (refusal) throw refusal;
    return this.chats.getOrMake(request.model, () => this.models.chat(request.model));
  }

  private async refusalOf(request: ModelRequest): Promise<CallError | undefined> {
    try {
      // What is written in the messages changes nothing, and must not be in what is kept.
      const messages = request.messages.map(({ role }) => ({ role, content: 'x' }));
      const options = callOptionsOf({ ...request, messages });
      return await settingsLeftOut(this.name, this.rehearsed.chat(request.model), options);
    } catch (error) {
      const known = classified(this.name, error);
      if (known instanceof CallError) return known;
      throw error;
    }
  }

  /** @throws {CallError} `invalid_request` where the provider has no embeddings */
  embedding(model: string): EmbeddingModelV4 {
    if (this.models.embedding) return this.models.embedding(model);
    throw new CallError(
      'invalid_request',
      `"${this.name}" has no embeddings; use another provider`,
    );
  }
}

/** Opens providers, and keeps each until its settings or its key change. */
export function createProviderOpener(fetch: typeof globalThis.fetch) {
  const opened = new Bounded<Promise<OpenedProvider>>(PROVIDERS_MAX);
  return async (provider: ConfiguredProvider): Promise<OpenedProvider> => {
    const { id, name, kind, baseUrl, region, resourceName, apiVersion, credentials } = provider;
    const settings = [id, name, kind, baseUrl, region, resourceName, apiVersion, credentials];
    const key = createHash('sha256').update(JSON.stringify(settings)).digest('base64');
    return opened.getOrMake(
      key,
      async () => new OpenedProvider(provider, await libraryOf(kind), fetch),
    );
  };
}
