import { modelRef } from '#libs/contracts';
import { compileTemplate, TemplateError } from '#libs/templating';
import { z } from 'zod';
import type { JudgePrompts } from './prompt.ts';

const VOTES_MAX = 15;
const PROMPT_MAX = 50_000;

const common = {
  model: modelRef.meta({
    description:
      'The model that judges. Its temperature is 0, where it takes one, and maxOutputTokens 4,096, unless its parameters say otherwise',
  }),
  votes: z.int().min(1).max(VOTES_MAX).default(1).meta({
    description:
      'How often each case is judged: numbers count by their mean, verdicts by their majority, and a tie counts against the output. At a temperature of 0 votes are nearly alike; give the model a higher one',
  }),
};

/**
 * What every judge can be told: its model, votes, and other prompts than its own. Put it into the
 * judge's configuration, before its own options.
 */
export const judgeOptions = (prompts: JudgePrompts) => ({
  ...common,
  prompts: z
    .strictObject(
      Object.fromEntries(
        Object.entries(prompts).map(([name, { purpose, variables }]) => {
          const described = Object.entries(variables).map(
            ([variable, holds]) => `\`{{ ${variable} }}\`: ${holds}`,
          );
          const description = `Replaces the prompt that ${purpose}. Liquid; its variables are ${described.join('; ')}. The form of the verdict is added to it`;
          return [name, promptText(Object.keys(variables)).optional().meta({ description })];
        }),
      ),
    )
    .default({})
    .meta({ description: 'Prompts to use in place of those of the judge, by name' }),
});

/** Reads the common options out of a judge's whole configuration. */
export const commonOptions = z.object({
  ...common,
  prompts: z.record(z.string(), z.string().optional()),
});

/** What a user has to say to a judge, such as a question or criteria. */
export const ownWords = (maximum: number, description: string) =>
  z.string().min(1, 'must not be empty').max(maximum).meta({ description });

const promptText = (variables: readonly string[]) =>
  z
    .string()
    .min(1, 'must not be empty; leave it out for the prompt of the judge')
    .max(PROMPT_MAX, `must have at most ${PROMPT_MAX} characters`)
    .superRefine((text, context) => {
      const message = faultOf(text, variables);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    });

function faultOf(text: string, variables: readonly string[]): string | undefined {
  try {
    compileTemplate(text, { variables });
    return undefined;
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
}
