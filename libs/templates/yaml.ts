import {
  faultsOf,
  RequestError,
  templateContent,
  text,
  type TemplateContent,
} from '#libs/contracts';
import { Lexer, LineCounter, parseDocument, stringify, type Document } from 'yaml';

const templateFile = templateContent.extend({ name: text(200) });

/** Enough for a prompt or a schema that is used a few times, and no bomb. */
const MOST_ALIASES = 20;
/**
 * Words, signs and gaps between them: thousands of lines. The parser compares each key with all others
 * beside it, and every other call of the process waits for that.
 */
const MOST_TOKENS = 20_000;

/** A template as YAML, to be kept, reviewed and imported again. */
export const toYaml = (name: string, content: TemplateContent): string =>
  stringify({ name, ...content }, { lineWidth: 100, aliasDuplicateObjects: false });

/**
 * Reads a template from YAML 1.2: one document, JSON's kinds of values only, no tags of its own, no
 * key twice.
 * @throws {RequestError} `invalid_yaml` with the line of everything that is wrong
 */
export function fromYaml(source: string): { name: string; content: TemplateContent } {
  const lines = new LineCounter();
  const document = read(source, lines);
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    throw refusal(
      faults.map(({ message, pos }) => ({
        field: 'yaml',
        message: message.split('\n', 1)[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? '',
        line: lines.linePos(pos[0]).line,
      })),
    );
  }
  const parsed = templateFile.safeParse(valueOf(document));
  if (parsed.success) {
    const { name, ...content } = parsed.data;
    return { name, content };
  }
  throw refusal(
    faultsOf(parsed.error).map(({ path, message }) => ({
      field: path.join('.') || 'yaml',
      message,
      ...lineOf(document, path, lines),
    })),
  );
}

function read(source: string, lines: LineCounter): Document.Parsed {
  let tokens = 0;
  for (const _ of new Lexer().lex(source)) {
    tokens += 1;
    if (tokens > MOST_TOKENS) {
      throw refusal([
        { field: 'yaml', message: 'has too many parts; send so large a template as `content`' },
      ]);
    }
  }
  try {
    return parseDocument(source, {
      version: '1.2',
      schema: 'core',
      resolveKnownTags: false,
      strict: true,
      uniqueKeys: true,
      lineCounter: lines,
    });
  } catch (error) {
    // Nested so deep that the parser has no stack left.
    if (error instanceof RangeError)
      throw refusal([{ field: 'yaml', message: 'is nested too deep' }]);
    throw error;
  }
}

function valueOf(document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    if (error instanceof ReferenceError && error.message.startsWith('Unresolved alias')) {
      throw refusal([{ field: 'yaml', message: error.message }]);
    }
    if (error instanceof ReferenceError || error instanceof RangeError) {
      throw refusal([
        { field: 'yaml', message: `has aliases that grow beyond measure, or is nested too deep` },
      ]);
    }
    throw error;
  }
}

/** The line of a value, or of the nearest one around it. */
function lineOf(
  document: Document.Parsed,
  path: readonly string[],
  lines: LineCounter,
): { line?: number } {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (typeof node !== 'object' || node === null || !('range' in node)) continue;
    const { range } = node;
    if (Array.isArray(range) && typeof range[0] === 'number') {
      return { line: lines.linePos(range[0]).line };
    }
  }
  return {};
}

function refusal(errors: { field: string; message: string; line?: number }[]): RequestError {
  const [first] = errors;
  const where = first?.line === undefined ? '' : ` in line ${first.line}`;
  const field = first?.field === 'yaml' ? '' : `${first?.field} `;
  return new RequestError(
    'invalid',
    'invalid_yaml',
    `The YAML is no template${where}: ${field}${first?.message}. GET /api/v1/templates/general/yaml shows one.`,
    errors.slice(0, 100),
  );
}
