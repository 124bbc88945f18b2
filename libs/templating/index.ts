import type { Json, PromptContent, PromptMessage } from '#libs/contracts';
import { TemplateError } from './template-error.ts';
import {
  compileTemplate,
  compileValueTemplate,
  type Template,
  type TemplateOptions,
  type TemplateValues,
} from './template.ts';

export { TemplateError } from './template-error.ts';
export {
  compileTemplate,
  compileUrlTemplate,
  type Template,
  type TemplateOptions,
  type TemplateValues,
} from './template.ts';

/** The templates of a prompt. */
export interface PromptTemplate {
  /** What they name, such as `input.question`: distinct, in their order. */
  readonly variables: readonly string[];
  /** @throws {TemplateError} whose path says which message, such as `messages.0.content` */
  render(values: TemplateValues): PromptMessage[];
}

/** JSON whose texts are templates. */
export interface JsonTemplate {
  readonly variables: readonly string[];
  /** @throws {TemplateError} whose path leads to the text in the JSON */
  render(values: TemplateValues): Json;
}

/**
 * A prompt that can be rendered for every item: one text is a user's message.
 * @throws {TemplateError} whose path is `text` or `messages.0.content`
 */
export function compilePrompt(
  content: PromptContent,
  options: TemplateOptions = {},
): PromptTemplate {
  const parts =
    'text' in content
      ? [{ role: 'user' as const, path: 'text', text: content.text }]
      : content.messages.map(({ role, content: text }, place) => ({
          role,
          path: `messages.${place}.content`,
          text,
        }));
  const templates = parts.map(({ role, path, text }) => ({
    role,
    path,
    template: within(path, () => compileTemplate(text, options)),
  }));
  return {
    variables: distinct(templates.map(({ template }) => template)),
    render: (values) =>
      templates.map(({ role, path, template }) => ({
        role,
        content: within(path, () => template.render(values)),
      })),
  };
}

/**
 * JSON whose texts are templates, names of fields excepted. A text that is one `{{ … }}` and nothing
 * else becomes the value itself: a number stays a number, an object an object, null null.
 * @throws {TemplateError} whose path leads to the text in the JSON
 */
export function compileJsonTemplate(json: Json, options: TemplateOptions = {}): JsonTemplate {
  if (typeof json === 'string') return compileValueTemplate(json, options);
  if (typeof json !== 'object' || json === null) return { variables: [], render: () => json };
  const fields = Object.entries(json).map(([name, value]) => ({
    name,
    template: within(name, () => compileJsonTemplate(value, options)),
  }));
  const isList = Array.isArray(json);
  return {
    variables: distinct(fields.map(({ template }) => template)),
    render: (values) => {
      const rendered = fields.map(
        ({ name, template }) => [name, within(name, () => template.render(values))] as const,
      );
      return isList ? rendered.map(([, value]) => value) : Object.fromEntries(rendered);
    },
  };
}

/**
 * What the templates of a prompt name, such as `input.question`: distinct, in their order.
 * @throws {TemplateError}
 */
export const templateVariablesOf = (
  content: PromptContent,
  options: TemplateOptions = {},
): string[] => [...compilePrompt(content, options).variables];

const distinct = (templates: readonly Pick<Template, 'variables'>[]): string[] => [
  ...new Set(templates.flatMap(({ variables }) => variables)),
];

function within<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw error instanceof TemplateError ? error.within(path) : error;
  }
}
