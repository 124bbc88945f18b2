import { templateVariables, type HttpTarget, type Json } from '#libs/contracts';
import { isReservedHeader, type OutgoingRequest, type TargetCase } from '#libs/evaluation';
import {
  compileJsonTemplate,
  compileTemplate,
  compileUrlTemplate,
  TemplateError,
  type TemplateValues,
} from '#libs/templating';
import { templateValuesOf } from './each-item.ts';

/** What an endpoint is sent for one item. */
export interface RenderedRequest extends Pick<OutgoingRequest, 'url' | 'method'> {
  /** Names in lower case. */
  headers: Record<string, string>;
  body?: string;
}

/** The templates of a request. */
export interface HttpRequestTemplate {
  /** Scheme, host and port, the same for all items. */
  readonly origin: string;
  /** What the templates name of an item, such as `input.question`: distinct, in their order. */
  readonly variables: readonly string[];
  /** The names of the secrets that headers use, distinct. */
  readonly secrets: readonly string[];
  /**
   * @param secrets their values by name, or what stands for them
   * @throws {TemplateError} whose path begins with `url`, `headers` or `body`
   */
  render(item: TargetCase, secrets: Readonly<Record<string, string>>): RenderedRequest;
}

const ORIGIN = /^https?:\/\/[^/?#\\]*/i;
/** As URLs are read: its dots may be encoded. */
const DOT_SEGMENT = /^(?:\.|%2e){1,2}$/i;
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
/** Tabs, visible ASCII and what a byte can hold beyond it. */
const HEADER_VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

/**
 * Compiles the request of a target. Its origin cannot depend on an item: the shared limits go by it,
 * and secrets are sent there.
 * @throws {TemplateError} whose path begins with `url`, `headers` or `body`
 */
export function compileHttpRequest(target: HttpTarget): HttpRequestTemplate {
  const { method } = target;
  const origin = within('url', () => originOf(target.url));
  const url = within('url', () => compileUrlTemplate(target.url));
  const headers = Object.entries(target.headers ?? {}).map(([name, text]) =>
    within(`headers.${name}`, () => headerTemplate(name, text)),
  );
  const body = within('body', () => bodyTemplate(target));
  const names = new Set(headers.map(({ name }) => name));
  if (names.size < headers.length) {
    throw new TemplateError('a header is given twice, in different case', { path: 'headers' });
  }
  return {
    origin,
    variables: [
      ...new Set([
        ...url.variables,
        ...headers.flatMap(({ variables }) => variables),
        ...(body?.variables ?? []),
      ]),
    ],
    secrets: [...new Set(headers.flatMap(({ secrets }) => secrets))],
    render(item, secrets) {
      const values = templateValuesOf(item);
      const sent = body && within('body', () => body.render(values));
      return {
        method,
        url: within('url', () => addressOf(url.render(values), origin)),
        headers: {
          accept: 'application/json, text/plain;q=0.9, */*;q=0.1',
          ...(sent && { 'content-type': sent.type }),
          ...Object.fromEntries(
            headers.map(({ name, rendered }) => [
              name,
              within(`headers.${name}`, () => rendered({ ...values, secrets })),
            ]),
          ),
        },
        ...(sent && { body: sent.text }),
      };
    },
  };
}

function originOf(url: string): string {
  const literal = ORIGIN.exec(url)?.[0] ?? '';
  if (/\{[{%]/.test(literal)) {
    throw new TemplateError(
      'scheme, host and port must be written out: only the path and the query may be templates',
      { line: 1 },
    );
  }
  if (!URL.canParse(literal)) throw new TemplateError('is not an address', { line: 1 });
  const { origin, username, password } = new URL(literal);
  if (username === '' && password === '') return origin;
  throw new TemplateError('has a user name or password in it; use a header with a secret', {
    line: 1,
  });
}

/** A path may not climb: what an item says stays within the place that it is put into. */
function addressOf(text: string, origin: string): string {
  const path = text.slice(text.match(ORIGIN)?.[0].length ?? 0).replace(/[?#].*$/s, '');
  if (path.split(/[/\\]/).some((segment) => DOT_SEGMENT.test(segment))) {
    throw new TemplateError('becomes a path with the segment `.` or `..`, which leads elsewhere');
  }
  if (URL.canParse(text) && new URL(text).origin === origin) return text;
  throw new TemplateError('becomes no address of the same origin');
}

function headerTemplate(name: string, text: string) {
  if (!HEADER_NAME.test(name)) throw new TemplateError('is not the name of a header');
  if (isReservedHeader(name)) {
    throw new TemplateError('belongs to the connection and cannot be set; leave it out');
  }
  const template = compileTemplate(text, {
    variables: [...templateVariables, 'secrets'],
  });
  const [all] = template.variables.filter((path) => path === 'secrets');
  if (all !== undefined) {
    throw new TemplateError('name a secret as it is called, such as {{ secrets.API_KEY }}');
  }
  return {
    name: name.toLowerCase(),
    variables: template.variables.filter((path) => !path.startsWith('secrets.')),
    secrets: template.variables
      .filter((path) => path.startsWith('secrets.'))
      .map((path) => path.slice('secrets.'.length)),
    rendered(this: void, values: TemplateValues): string {
      const value = template.render(values).trim();
      if (HEADER_VALUE.test(value)) return value;
      throw new TemplateError(
        'has characters that no header may have, such as a line break; `url_encode` or `json` what is put in',
      );
    },
  };
}

interface RenderedBody {
  text: string;
  type: string;
}

interface BodyTemplate {
  readonly variables: readonly string[];
  render(values: TemplateValues): RenderedBody;
}

const asJson = (value: Json): RenderedBody => ({
  text: JSON.stringify(value),
  type: 'application/json',
});

function bodyTemplate({ method, body }: HttpTarget): BodyTemplate | undefined {
  if (method === 'GET') {
    if (body === undefined) return undefined;
    throw new TemplateError('a GET has no body; put values into the query of the url');
  }
  if (body === undefined) {
    if (method === 'DELETE') return undefined;
    return { variables: ['input'], render: ({ input = null }) => asJson({ input }) };
  }
  if (typeof body === 'string') {
    const template = compileTemplate(body);
    return {
      variables: template.variables,
      render: (values) => {
        const text = template.render(values);
        const isJson = /^\s*[[{]/.test(text);
        return { text, type: isJson ? 'application/json' : 'text/plain; charset=utf-8' };
      },
    };
  }
  const template = compileJsonTemplate(body);
  return {
    variables: template.variables,
    render: (values) => asJson(template.render(values)),
  };
}

function within<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw error instanceof TemplateError ? error.within(path) : error;
  }
}
