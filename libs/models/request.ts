import type { ModelParameters, ModelTool } from '#libs/contracts';
import type { ModelRequest } from '#libs/evaluation';
import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FunctionTool,
  LanguageModelV4Message,
  LanguageModelV4ToolChoice,
} from '@ai-sdk/provider';

/** A request in the form that all providers' libraries take. */
export function callOptionsOf({
  messages,
  parameters = {},
  responseSchema,
  tools,
  toolChoice,
}: ModelRequest): LanguageModelV4CallOptions {
  return {
    prompt: messages.map(messageOf),
    ...sampled(parameters),
    ...(responseSchema && {
      responseFormat: { type: 'json', schema: responseSchema, name: 'response' },
      // Of the libraries whose providers know strict schemas, this one alone asks for a loose one.
      providerOptions: { mistral: { strictJsonSchema: true } },
    }),
    ...(tools && tools.length > 0 && { tools: tools.map(toolOf) }),
    ...(toolChoice !== undefined && { toolChoice: toolChoiceOf(toolChoice) }),
  };
}

/** Each only where it is given: the libraries' types know no undefined. */
const sampled = ({
  temperature,
  topP,
  topK,
  maxOutputTokens,
  presencePenalty,
  frequencyPenalty,
  seed,
  stop,
  reasoning,
}: ModelParameters): Omit<LanguageModelV4CallOptions, 'prompt'> => ({
  ...(temperature !== undefined && { temperature }),
  ...(topP !== undefined && { topP }),
  ...(topK !== undefined && { topK }),
  ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  ...(presencePenalty !== undefined && { presencePenalty }),
  ...(frequencyPenalty !== undefined && { frequencyPenalty }),
  ...(seed !== undefined && { seed }),
  ...(stop && { stopSequences: stop }),
  ...(reasoning && { reasoning }),
});

function messageOf({ role, content }: ModelRequest['messages'][number]): LanguageModelV4Message {
  if (role === 'system') return { role, content };
  return { role, content: [{ type: 'text', text: content }] };
}

const toolOf = ({ name, description, inputSchema }: ModelTool): LanguageModelV4FunctionTool => ({
  type: 'function',
  name,
  ...(description !== undefined && { description }),
  inputSchema,
});

const toolChoiceOf = (
  choice: NonNullable<ModelRequest['toolChoice']>,
): LanguageModelV4ToolChoice =>
  typeof choice === 'string' ? { type: choice } : { type: 'tool', toolName: choice.tool };
