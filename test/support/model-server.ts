import type { CreateProvider, Json } from '#libs/contracts';
import { LLMock, type ChatCompletionRequest, type Fixture } from '@copilotkit/aimock';
import { z } from 'zod';

/** What the server does with a request. */
export type Behaviour =
  | { kind: 'answer'; text: string }
  | { kind: 'status'; status: number; retryAfterSeconds?: number; code?: string }
  | { kind: 'malformed' }
  | { kind: 'cut' }
  | { kind: 'slow'; text: string; milliseconds: number };

export interface ModelServer {
  /** The base URL of its OpenAI-compatible API. */
  baseUrl: string;
  /** How a project is told of it: as its provider `mock`. */
  provider: CreateProvider;
  /** Requests that arrived. */
  calls(): number;
  stop(): Promise<void>;
}

/**
 * A server that speaks the protocol of OpenAI, made by others, and misbehaves as it is told.
 * @param behave what it does with a prompt, the nth time that it comes, counted from 0
 */
export async function startModelServer(
  behave: (prompt: string, nth: number, request: ChatCompletionRequest) => Behaviour,
): Promise<ModelServer> {
  const mock = new LLMock({ port: 0, journalMaxEntries: 1 });
  const seen = new Map<string, number>();
  const decided = new WeakMap<ChatCompletionRequest, Behaviour>();
  let calls = 0;
  // Every fixture is asked whether it matches: the first question decides for all.
  const behaviourOf = (request: ChatCompletionRequest): Behaviour => {
    const known = decided.get(request);
    if (known) return known;
    const prompt = textOf(request);
    const nth = seen.get(prompt) ?? 0;
    seen.set(prompt, nth + 1);
    calls += 1;
    const behaviour = behave(prompt, nth, request);
    decided.set(request, behaviour);
    return behaviour;
  };
  const on = (
    kind: Behaviour['kind'],
    rest: Omit<Fixture, 'match'>,
    also: (behaviour: Behaviour) => boolean = () => true,
  ): void => {
    const predicate = (request: ChatCompletionRequest): boolean => {
      const behaviour = behaviourOf(request);
      return behaviour.kind === kind && also(behaviour);
    };
    mock.addFixture({ match: { predicate }, ...rest });
  };
  on('answer', { response: (request) => ({ content: answerOf(behaviourOf(request)) }) });
  on('slow', {
    response: async (request) => {
      const behaviour = behaviourOf(request);
      const wait = behaviour.kind === 'slow' ? behaviour.milliseconds : 0;
      await new Promise((resolve) => setTimeout(resolve, wait));
      return { content: answerOf(behaviour) };
    },
  });
  on('status', {
    response: (request) => {
      const behaviour = behaviourOf(request);
      if (behaviour.kind !== 'status') throw new Error('asked for the wrong request');
      const { status, code = `status_${status}`, retryAfterSeconds } = behaviour;
      return {
        status,
        error: { message: 'as the test wants it', type: code, code },
        ...(retryAfterSeconds !== undefined && { retryAfter: retryAfterSeconds }),
      };
    },
  });
  on('malformed', { response: { content: '' }, chaos: { malformedRate: 1 } });
  on('cut', { response: { content: '' }, chaos: { disconnectRate: 1 } });
  await mock.start();
  const baseUrl = `${mock.url}/v1`;
  return {
    baseUrl,
    provider: {
      name: 'mock',
      kind: 'openai_compatible',
      baseUrl,
      credentials: { apiKey: 'sk-of-the-mock' },
    },
    calls: () => calls,
    stop: () => mock.stop(),
  };
}

const answerOf = (behaviour: Behaviour): string => ('text' in behaviour ? behaviour.text : '');

function textOf({ messages }: ChatCompletionRequest): string {
  const content = messages.at(-1)?.content;
  return typeof content === 'string' ? content : JSON.stringify(content);
}

const asked = z.object({
  response_format: z.object({
    type: z.literal('json_schema'),
    json_schema: z.object({ schema: z.record(z.string(), z.json()) }),
  }),
});

/** The JSON Schema of the structured output that a request asks for; undefined where it asks for text. */
export const schemaOf = (request: ChatCompletionRequest): Record<string, Json> | undefined =>
  asked.safeParse(request).data?.response_format.json_schema.schema;

const schemaParts = z.object({
  type: z.string().optional(),
  const: z.json().optional(),
  enum: z.array(z.json()).optional(),
  anyOf: z.array(z.json()).optional(),
  oneOf: z.array(z.json()).optional(),
  properties: z.record(z.string(), z.json()).optional(),
  items: z.json().optional(),
  minItems: z.number().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});

/**
 * A value that a schema allows: every property, true, the highest number.
 * @param length of its lists, whose items are numbered from 1 where they have a number
 */
export function instanceOf(schema: Json, length = 1, number = 1): Json {
  const parts = schemaParts.parse(schema);
  const [choice] = parts.enum ?? parts.anyOf ?? parts.oneOf ?? [];
  if (parts.const !== undefined) return parts.const;
  if (parts.enum) return choice ?? null;
  if (choice !== undefined) return instanceOf(choice, length, number);
  switch (parts.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(parts.properties ?? {}).map(([name, part]) => [
          name,
          instanceOf(part, length, number),
        ]),
      );
    case 'array':
      return Array.from({ length: Math.max(length, parts.minItems ?? 1) }, (_, index) =>
        instanceOf(parts.items ?? {}, length, index + 1),
      );
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return parts.maximum ?? Math.max(number, parts.minimum ?? 1);
    case undefined:
    default:
      return 'as it should be';
  }
}
