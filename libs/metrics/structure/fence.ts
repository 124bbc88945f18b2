import { z } from 'zod';

/** Whether a metric looks into Markdown code blocks. */
export const fenceOption = z.enum(['never', 'auto']).default('never').meta({
  description:
    'auto: where the output has a fenced code block of Markdown, what stands in it is taken; never: the output as a whole',
});
export type Fence = z.output<typeof fenceOption>;

/** The rule, for definitions. */
export const fenceRule =
  'With fence auto an output that has fenced code blocks (CommonMark: at least three ` or ~ at the beginning of a line; one that is not closed goes to the end) stands for what is in the first block of the language, or else in the first block without a language, or else in the first block.';

/**
 * The part of a text that counts.
 * @param languages what the first word after the fence may be, in lower case
 */
export function textWithin(text: string, fence: Fence, languages: readonly string[]): string {
  if (fence === 'never') return text;
  const blocks = codeBlocks(text);
  const block =
    blocks.find(({ language }) => languages.includes(language)) ??
    blocks.find(({ language }) => language === '') ??
    blocks[0];
  return block?.text ?? text;
}

const opening = /^ {0,3}(`{3,}(?!.*`)|~{3,})(.*)$/s;

function codeBlocks(text: string): { language: string; text: string }[] {
  const blocks: { language: string; text: string }[] = [];
  let open: { fence: string; language: string; lines: string[] } | undefined;
  const close = () => {
    if (open) blocks.push({ language: open.language, text: open.lines.join('\n') });
    open = undefined;
  };
  for (const line of text.split('\n')) {
    if (!open) {
      const [, fence, info = ''] = opening.exec(line) ?? [];
      const [language = ''] = info.trim().split(/\s/, 1);
      if (fence !== undefined) open = { fence, language: language.toLowerCase(), lines: [] };
    } else if (closes(line, open.fence)) close();
    else open.lines.push(line);
  }
  close();
  return blocks;
}

function closes(line: string, fence: string): boolean {
  const mark = line.trim();
  const indent = line.length - line.trimStart().length;
  return indent <= 3 && mark.startsWith(fence) && mark === fence.charAt(0).repeat(mark.length);
}
