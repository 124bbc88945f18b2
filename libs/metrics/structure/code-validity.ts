import { codeLanguages, defineMetric, type CodeLanguage } from '#libs/evaluation';
import { z } from 'zod';
import { fenceOption, fenceRule } from './fence.ts';
import { grammarJudge } from './grammar-metric.ts';

/** What the first word after a Markdown fence may be, beside the language's own name. */
const fenceNames: Partial<Record<CodeLanguage, readonly string[]>> = {
  bash: ['sh', 'shell', 'zsh'],
  c_sharp: ['csharp', 'cs', 'c#'],
  cpp: ['c++', 'cc', 'cxx', 'c'],
  go: ['golang'],
  javascript: ['js', 'jsx', 'mjs', 'cjs'],
  powershell: ['ps1', 'pwsh'],
  python: ['py', 'python3'],
  ruby: ['rb'],
  rust: ['rs'],
  typescript: ['ts'],
};

/** Whether the output is code that parses. */
export const codeValidity = defineMetric({
  name: 'code_validity',
  title: 'Code',
  family: 'structure',
  description: 'Whether the output is code that parses in a programming language; nothing is run.',
  definition: `True when the tree-sitter grammar of the language reads the output without an error or a missing token. These grammars are made for editors and accept a little more than compilers do; no name and no type is checked. An output that is not a text, or is blank, is wrong. Texts of more than 2,000,000 characters, and those that the parser does not end with in time, give an error. The details hold the first fault with its line and column, counted within what is parsed. ${fenceRule}`,
  source: 'The tree-sitter grammars of the languages (tree-sitter.github.io).',
  kind: 'boolean',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: [],
  config: z.strictObject({
    language: z.enum(codeLanguages).meta({ description: 'The programming language' }),
    fence: fenceOption,
  }),
  examples: [
    { config: { language: 'python' }, output: 'def f(x):\n    return x + 1\n', value: true },
    { config: { language: 'python' }, output: 'def f(x:\n    return x + 1\n', value: false },
    {
      config: { language: 'javascript', fence: 'auto' },
      output: 'Here it is:\n```js\nconst x = 1;\n```\nDone.',
      value: true,
    },
    { config: { language: 'javascript' }, output: 'Here it is:\nconst x = 1;', value: false },
  ],
  prepare({ language, fence }, { sandbox }) {
    const languages = [language, ...(fenceNames[language] ?? [])];
    return grammarJudge(fence, languages, async (text) => sandbox.parseCode(language, text));
  },
});
