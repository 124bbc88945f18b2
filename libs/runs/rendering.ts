import type {
  ErrorClass,
  HttpTarget,
  Json,
  ModelTool,
  PreviewItem,
  PromptContent,
} from '#libs/contracts';
import { parseJson } from '#libs/evaluation';
import { estimatePromptTokens, estimateTokens } from '#libs/models';
import { compileHttpRequest, templateValuesOf } from '#libs/targets';
import { compilePrompt, TemplateError } from '#libs/templating';
import type { Sampled } from './sample.ts';

/** What stands for a secret: it is not even asked for. */
const HIDDEN = '***';

/** What asks something: the part of a target that an item is put into. */
export type Rendered =
  | { kind: 'recorded' | 'client' }
  | HttpTarget
  | {
      kind: 'model';
      prompt: { content: PromptContent };
      tools?: readonly ModelTool[] | undefined;
      responseSchema?: Record<string, Json> | undefined;
    };

/** Shows what a target would be asked for an item; secrets are not even read. */
export function renderer(target: Rendered): (item: Sampled) => PreviewItem {
  const base = ({ key }: Sampled) => ({ key, repeat: 0, inputTokens: null });
  const failed = (item: Sampled, error: unknown): PreviewItem => {
    if (!(error instanceof TemplateError)) throw error;
    const errorClass: ErrorClass = 'template_error';
    return { ...base(item), error: { class: errorClass, message: error.message } };
  };
  /** A template that is wrong altogether fails every item in the same way. */
  const each = <Compiled>(
    compile: () => Compiled,
    render: (compiled: Compiled, item: Sampled) => PreviewItem,
  ): ((item: Sampled) => PreviewItem) => {
    let compiled: Compiled | undefined;
    return (item) => {
      try {
        compiled ??= compile();
        return render(compiled, item);
      } catch (error) {
        return failed(item, error);
      }
    };
  };
  const caseOf = ({ expected, ...item }: Sampled) => ({
    ...item,
    repeat: 0,
    ...(expected !== null && { expected }),
  });
  switch (target.kind) {
    case 'model': {
      const more = [target.tools, target.responseSchema]
        .filter((part) => part !== undefined)
        .reduce((sum, part) => sum + estimateTokens(JSON.stringify(part)), 0);
      return each(
        () => compilePrompt(target.prompt.content),
        (prompt, item) => {
          const messages = prompt.render(templateValuesOf(caseOf(item)));
          return { ...base(item), messages, inputTokens: estimatePromptTokens(messages) + more };
        },
      );
    }
    case 'http':
      return each(
        () => compileHttpRequest(target),
        (template, item) => {
          const secrets = Object.fromEntries(template.secrets.map((name) => [name, HIDDEN]));
          const { body, ...request } = template.render(caseOf(item), secrets);
          return {
            ...base(item),
            request: { ...request, ...(body !== undefined && { body: parseJson(body) ?? body }) },
          };
        },
      );
    case 'recorded':
    case 'client':
    default:
      return base;
  }
}

/** The variables that the templates of a target name, such as `input.question`: distinct, in their order. */
export function variablesIn(target: Rendered): readonly string[] {
  switch (target.kind) {
    case 'model':
      return compilePrompt(target.prompt.content).variables;
    case 'http':
      return compileHttpRequest(target).variables;
    case 'recorded':
    case 'client':
    default:
      return [];
  }
}

/** Whether an item has no value for a variable, such as `input.question`: null is none either. */
export function lacks({ key, input, expected, metadata }: Sampled, variable: string): boolean {
  const values: Json = { input, expected, metadata, key, repeat: 0 };
  const value = variable.split('.').reduce<Json | undefined>(stepInto, values);
  return value === undefined || value === null;
}

/** As Liquid goes into values: by field, by place, and by the words that it has for lists and texts. */
function stepInto(value: Json | undefined, step: string): Json | undefined {
  if (typeof value === 'string') return step === 'size' ? value.length : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) {
    if (step === 'size') return value.length;
    if (step === 'first') return value.at(0);
    if (step === 'last') return value.at(-1);
    return /^-?\d+$/.test(step) ? value.at(Number(step)) : undefined;
  }
  if (Object.hasOwn(value, step)) return value[step];
  return step === 'size' ? Object.keys(value).length : undefined;
}
