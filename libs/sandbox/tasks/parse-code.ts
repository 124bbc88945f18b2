import type { CodeLanguage, ParseFault } from '#libs/evaluation';
import treeSitter, { type Parser, type Tree } from '@vscode/tree-sitter-wasm';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bounded } from '../messages.ts';
import { positionOf } from './position.ts';

/**
 * Up to this length the whole text is parsed, for the exact place of its first error. Recovery from
 * errors takes memory in plenty, so in a longer text the parser stops soon after it.
 */
const EXACT_MAX = 20_000;

const folder = dirname(createRequire(import.meta.url).resolve('@vscode/tree-sitter-wasm'));
const parsers = new Map<CodeLanguage, Parser>();
let started: Promise<void> | undefined;

/**
 * What is wrong with a text by the tree-sitter grammar of a language. These grammars accept a little
 * more than compilers do, since they are made for editors; no name and no type is checked. An empty
 * text is an empty program.
 */
export async function parseCode(language: CodeLanguage, text: string): Promise<ParseFault> {
  if (text.trim() === '') return undefined;
  const parser = await parserOf(language);
  let stopped: number | undefined;
  const progressCallback = ({
    hasError,
    currentOffset,
  }: {
    hasError: boolean;
    currentOffset: number;
  }) => {
    if (hasError && text.length > EXACT_MAX) stopped = currentOffset;
    return stopped !== undefined;
  };
  parser.reset();
  // The parser takes U+0000 for the end of the text.
  const tree = parser.parse(text.replaceAll('\u0000', '\ufffd'), null, { progressCallback });
  if (!tree) return { message: 'not valid shortly before', ...positionOf(text, stopped ?? 0) };
  try {
    return tree.rootNode.hasError ? firstError(tree, text) : undefined;
  } finally {
    tree.delete();
  }
}

async function parserOf(language: CodeLanguage): Promise<Parser> {
  const ready = parsers.get(language);
  if (ready) return ready;
  await (started ??= treeSitter.Parser.init());
  const file = `tree-sitter-${language.replace('_', '-')}.wasm`;
  const parser = new treeSitter.Parser();
  parser.setLanguage(await treeSitter.Language.load(join(folder, file)));
  parsers.set(language, parser);
  return parser;
}

/** Goes down to the first of the innermost errors. */
function firstError(tree: Tree, text: string): ParseFault {
  const cursor = tree.walk();
  let fault: ParseFault = { message: 'not valid' };
  const isFaulty = () => cursor.currentNode.hasError || cursor.nodeIsMissing;
  do {
    const { row, column } = cursor.startPosition;
    const place = { line: row + 1, column: column + 1 };
    const excerpt = JSON.stringify(text.slice(cursor.startIndex, cursor.endIndex).slice(0, 40));
    if (cursor.nodeIsMissing)
      fault = { message: bounded(`"${cursor.nodeType}" is missing`), ...place };
    else if (cursor.nodeType === 'ERROR') fault = { message: `unexpected ${excerpt}`, ...place };
  } while (toFaultyChild());
  cursor.delete();
  return fault;

  function toFaultyChild(): boolean {
    if (!cursor.gotoFirstChild()) return false;
    while (!isFaulty()) {
      if (!cursor.gotoNextSibling()) return false;
    }
    return true;
  }
}
