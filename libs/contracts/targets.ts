import { z } from 'zod';
import { id, json, text } from './common.ts';

/** A template: Liquid, as in `{{ input.question }}`. Its variables are those of `templateVariables`. */
export const templateText = z.string().max(200_000, 'must have at most 200000 characters');

/** What a template may name: of the item, and the item's place among its repeats. */
export const templateVariables = ['input', 'expected', 'metadata', 'key', 'repeat'] as const;

export const promptMessage = z
  .strictObject({
    role: z.enum(['system', 'user', 'assistant']),
    content: templateText,
  })
  .meta({ id: 'PromptMessage' });
export type PromptMessage = z.infer<typeof promptMessage>;

/** A prompt template: one text, which is a user's message, or the messages of a chat. */
export const promptContent = z
  .union(
    [
      z.strictObject({ text: templateText.min(1, 'must not be empty') }),
      z.strictObject({ messages: z.array(promptMessage).min(1).max(100) }),
    ],
    { error: 'must be {"text": …} or {"messages": [{"role": …, "content": …}]}' },
  )
  .meta({
    id: 'PromptContent',
    description:
      'Liquid templates, such as `{{ input.question }}`; a variable that an item lacks fails the item',
  });
export type PromptContent = z.infer<typeof promptContent>;

/** Which prompt a run uses: one of the project's, at a version, or one given in place. */
export const promptSource = z
  .union(
    [
      z.strictObject({ text: templateText.min(1, 'must not be empty') }),
      z.strictObject({ messages: z.array(promptMessage).min(1).max(100) }),
      z.strictObject({
        promptId: id,
        version: z.int().min(1).optional().meta({ description: 'Left out: the latest' }),
      }),
    ],
    { error: 'must be {"text": …}, {"messages": […]} or {"promptId": …, "version": …}' },
  )
  .meta({ id: 'PromptSource' });
export type PromptSource = z.infer<typeof promptSource>;

/** What tokens cost, in US dollars for a million of them. */
export const modelPrices = z
  .strictObject({
    inputPerMillion: z.number().min(0).max(1e6),
    outputPerMillion: z.number().min(0).max(1e6),
    cachedInputPerMillion: z.number().min(0).max(1e6).optional().meta({
      description: "Input that the provider's own prompt cache knew; left out: as input",
    }),
  })
  .meta({ id: 'ModelPrices' });
export type ModelPrices = z.infer<typeof modelPrices>;

export const modelParameters = z
  .strictObject({
    temperature: z.number().min(0).max(2).optional(),
    topP: z.number().min(0).max(1).optional(),
    topK: z.int().min(1).max(1000).optional(),
    maxOutputTokens: z.int().min(1).max(1_000_000).optional(),
    presencePenalty: z.number().min(-2).max(2).optional(),
    frequencyPenalty: z.number().min(-2).max(2).optional(),
    seed: z.int().min(0).max(2_147_483_647).optional(),
    stop: z.array(text(200)).max(16).optional(),
    reasoning: z.enum(['none', 'minimal', 'low', 'medium', 'high']).optional(),
  })
  .meta({ id: 'ModelParameters' });
export type ModelParameters = z.infer<typeof modelParameters>;

export const modelTool = z
  .strictObject({
    name: text(64).regex(/^[\w-]+$/, 'must be letters, digits, _ or -'),
    description: text(5000).optional(),
    inputSchema: z.record(z.string(), json).meta({ description: 'JSON Schema of its arguments' }),
  })
  .meta({ id: 'ModelTool' });
export type ModelTool = z.infer<typeof modelTool>;

/** A model of one of the project's providers. */
export const modelRef = z
  .strictObject({
    provider: text(100).meta({ description: "The name of one of the project's providers" }),
    model: text(300).meta({ description: 'As the provider calls it', example: 'gpt-5-mini' }),
    parameters: modelParameters.optional(),
    prices: modelPrices.optional().meta({
      description: "Overrides the provider's prices and the price table",
    }),
  })
  .meta({ id: 'ModelRef' });
export type ModelRef = z.infer<typeof modelRef>;

export const modelTarget = z
  .strictObject({
    kind: z.literal('model'),
    ...modelRef.shape,
    prompt: promptSource,
    responseSchema: z.record(z.string(), json).optional().meta({
      description: 'JSON Schema of a structured output, which is then stored as JSON',
    }),
    tools: z.array(modelTool).max(128).optional(),
    toolChoice: z
      .union([z.enum(['auto', 'none', 'required']), z.strictObject({ tool: text(64) })])
      .optional(),
  })
  .meta({ id: 'ModelTarget' });
export type ModelTarget = z.infer<typeof modelTarget>;

const answerPath = text(500)
  .regex(/^[^.]+(\.[^.]+)*$/, 'must be a dotted path such as answer.text')
  .optional();

export const httpTarget = z
  .strictObject({
    kind: z.literal('http'),
    url: text(4000)
      .regex(/^https?:\/\//, 'must begin with http:// or https://')
      .meta({
        description: 'Its path and query may be templates',
      }),
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('POST'),
    headers: z.record(text(200), z.string().max(10_000)).optional().meta({
      description: "Templates; `{{ secrets.NAME }}` is one of the project's secrets",
    }),
    body: json.optional().meta({
      description:
        'JSON whose texts are templates; a text that is one `{{ … }}` and nothing else becomes the value itself. A text as the whole body is sent as it is rendered. Left out: {"input": …}',
    }),
    outputPath: answerPath.meta({
      description: 'Where in the JSON answer the output is; left out: all of it',
    }),
    contextPath: answerPath.meta({ description: 'Where what it retrieved is' }),
    toolCallsPath: answerPath,
    inputTokensPath: answerPath,
    outputTokensPath: answerPath,
    costUsdPath: answerPath,
    traceIdPath: answerPath.meta({
      description: 'Where the trace id is; `headers.NAME` is a header',
    }),
  })
  .meta({ id: 'HttpTarget' });
export type HttpTarget = z.infer<typeof httpTarget>;

/** Outputs that exist already: of a recording, or of an earlier run. */
export const recordedTarget = z
  .strictObject({
    kind: z.literal('recorded'),
    recordingId: id.optional(),
    runId: id.optional(),
  })
  .refine(({ recordingId, runId }) => (recordingId === undefined) !== (runId === undefined), {
    message: 'give either a recordingId or a runId',
  })
  .meta({ id: 'RecordedTarget' });
export type RecordedTarget = z.infer<typeof recordedTarget>;

/** The caller's own code: it takes items under a lease and posts what it made of them. */
export const clientTarget = z
  .strictObject({ kind: z.literal('client') })
  .meta({ id: 'ClientTarget' });
export type ClientTarget = z.infer<typeof clientTarget>;

/** What produces an output for an item. */
export const target = z
  .discriminatedUnion('kind', [recordedTarget, modelTarget, httpTarget, clientTarget], {
    error: 'must be an object whose kind is recorded, model, http or client',
  })
  .meta({ id: 'Target' });
export type Target = z.infer<typeof target>;

/** A prompt as a stored run has it: where it came from, and its content, so that the run stands alone. */
export const settledPrompt = z
  .strictObject({
    promptId: id.optional(),
    name: z.string().optional(),
    version: z.int().optional(),
    content: promptContent,
  })
  .meta({ id: 'SettledPrompt' });
export type SettledPrompt = z.infer<typeof settledPrompt>;

export const settledModelTarget = modelTarget
  .extend({ prompt: settledPrompt })
  .meta({ id: 'SettledModelTarget' });
export type SettledModelTarget = z.infer<typeof settledModelTarget>;

/** The target of a stored run. */
export const settledTarget = z
  .discriminatedUnion('kind', [recordedTarget, settledModelTarget, httpTarget, clientTarget])
  .meta({ id: 'SettledTarget' });
export type SettledTarget = z.infer<typeof settledTarget>;
