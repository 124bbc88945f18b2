import type { Json, ModelRef } from '#libs/contracts';
import {
  CallError,
  defineMetric,
  type Judgement,
  type MetricCase,
  type MetricDefinition,
  type ModelCalls,
} from '#libs/evaluation';
import type { z } from 'zod';
import { MetricError } from '../../metric-error.ts';
import { askForVerdict, type JudgeModel } from './ask.ts';
import { commonOptions } from './options.ts';
import { compilePrompt, type JudgePrompts, type RenderPrompt } from './prompt.ts';
import { combineVotes, type FailedVote, type Opinion } from './votes.ts';

/**
 * Asks the judge's model one question: a prompt by its name with all of its variables, and the form of
 * the answer, an object whose reasoning stands before its verdict. Give each question of one vote
 * variables of its own: the same question twice would be the same answer, where answers are kept.
 * @throws {MetricError} where no answer can be read, or the model refuses
 * @throws {CallError} where the model gives no answer
 */
export type Ask<Prompts extends JudgePrompts> = <
  Name extends keyof Prompts & string,
  Schema extends z.ZodType,
>(
  prompt: Name,
  variables: Readonly<Record<keyof Prompts[Name]['variables'], Json>>,
  schema: Schema,
) => Promise<z.output<Schema>>;

/**
 * Asks what is the same for all cases of a run, such as the steps of an evaluation: once in each
 * worker, at the first case, whose cost it counts to. One that failed is asked again at the next case.
 */
export type AskOnce<Prompts extends JudgePrompts> = Ask<Prompts>;

/** A judge: a metric whose verdict is a model's. */
export interface JudgeDefinition<
  Config extends z.ZodObject,
  Prompts extends JudgePrompts,
> extends Omit<
  MetricDefinition<Config>,
  'family' | 'work' | 'prompts' | 'prepare' | 'parts' | 'models' | 'callsPerItem'
> {
  /** With `judgeOptions(prompts)` in it. */
  config: Config;
  prompts: Prompts;
  /** The prompts that one vote asks as a rule, each as often as it does; left out: each of them once. */
  asks?(this: void, config: z.output<Config>): readonly (keyof Prompts & string)[];
  /**
   * Prepares what is the same for every case, then makes one opinion of a case, which is one vote.
   * Whatever throws is a vote that failed, and never a value.
   */
  judge(
    this: void,
    config: z.output<Config>,
  ): (item: MetricCase, ask: Ask<Prompts>, askOnce: AskOnce<Prompts>) => Opinion | Promise<Opinion>;
}

/**
 * Makes a metric of a judge. Each case gets as many votes as are configured, side by side. Where fewer
 * than half of them (rounded up) succeed, the score is the error of the first that failed; otherwise
 * the others decide, as `combineVotes` says. The details are those of the vote that speaks for the
 * value, with all votes, the share that agrees, the model, and the versions of the prompts.
 */
export function defineJudge<const Config extends z.ZodObject, const Prompts extends JudgePrompts>({
  judge,
  prompts,
  asks = () => Object.keys(prompts),
  ...definition
}: JudgeDefinition<Config, Prompts>): MetricDefinition<Config> {
  return defineMetric<Config>({
    ...definition,
    family: 'judge',
    work: 'network',
    prompts: Object.entries(prompts).map(([name, { version, text }]) => ({ name, version, text })),
    models: (config) => [{ field: 'model', model: commonOptions.parse(config).model }],
    callsPerItem(config) {
      const { votes, prompts: edited } = commonOptions.parse(config);
      const vote = asks(config).map((name) => edited[name] ?? prompts[name]?.text ?? '');
      return Array.from({ length: votes }, () => vote).flat();
    },
    prepare(config) {
      const { model: asked, votes, prompts: edited } = commonOptions.parse(config);
      const model: JudgeModel = { ...asked, manner: 0 };
      const shape = definition.shape?.(config, noParts) ?? definition;
      const rendered = new Map<string, RenderPrompt>();
      for (const [name, prompt] of Object.entries(prompts)) {
        rendered.set(name, compilePrompt(prompt, edited[name]));
      }
      const opinionOf = judge(config);
      const kept = new Map<string, Kept>();
      const about = {
        model: nameOf(model),
        prompts: Object.entries(prompts).map(([name, { version }]) => ({
          name,
          version,
          ...(edited[name] !== undefined && { edited: true }),
        })),
      };
      return async (item, signal, models) => {
        const vote = async (place: number): Promise<Opinion> => {
          const repeat = (item.repeat ?? 0) * votes + place;
          const asking = { models, model, signal };
          return opinionOf(
            item,
            askerOf<Prompts>(rendered, { ...asking, repeat }),
            onceAskerOf<Prompts>(rendered, kept, { ...asking, repeat: 0 }),
          );
        };
        const outcomes = await Promise.allSettled(Array.from({ length: votes }, (_, n) => vote(n)));
        signal.throwIfAborted();
        return withDetails(judgementOf(outcomes, shape), { judge: about });
      };
    },
  });
}

const noParts = (): never => {
  throw new Error('a judge has no metrics in its configuration');
};

const nameOf = ({ provider, model }: ModelRef): string => `${provider}/${model}`;

interface Asking {
  models: ModelCalls;
  model: JudgeModel;
  repeat: number;
  signal: AbortSignal;
}

function askerOf<Prompts extends JudgePrompts>(
  rendered: ReadonlyMap<string, RenderPrompt>,
  { models, model, repeat, signal }: Asking,
): Ask<Prompts> {
  return async (name, variables, schema) => {
    const render = rendered.get(name);
    if (!render) throw new Error(`the judge has no prompt ${name}`);
    return askForVerdict(models, model, { prompt: render(variables), schema, repeat }, signal);
  };
}

/** An answer for all cases, and the signal of the case that asked for it. */
interface Kept {
  answer: Promise<unknown>;
  signal: AbortSignal;
}

function onceAskerOf<Prompts extends JudgePrompts>(
  rendered: ReadonlyMap<string, RenderPrompt>,
  kept: Map<string, Kept>,
  asking: Asking,
): AskOnce<Prompts> {
  const ask = askerOf<Prompts>(rendered, asking);
  const { signal } = asking;
  return async (name, variables, schema) => {
    const key = JSON.stringify([name, variables]);
    for (;;) {
      let entry = kept.get(key);
      if (!entry) {
        entry = { answer: ask(name, variables, schema), signal };
        kept.set(key, entry);
        entry.answer.catch(() => kept.delete(key));
      }
      try {
        return schema.parse(await entry.answer);
      } catch (error) {
        signal.throwIfAborted();
        // The case that asked was given up, and not its question: this one asks itself.
        if (!entry.signal.aborted) throw error;
      }
    }
  };
}

/** @throws what the first vote threw that failed, where too many did */
function judgementOf(
  outcomes: readonly PromiseSettledResult<Opinion>[],
  shape: Parameters<typeof combineVotes>[2],
): Judgement {
  const opinions: Opinion[] = [];
  const failed: FailedVote[] = [];
  let first: unknown;
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') {
      opinions.push(outcome.value);
      continue;
    }
    const error: unknown = outcome.reason;
    // Anything else is a mistake of the judge's own, which no other vote makes good.
    if (!(error instanceof MetricError || error instanceof CallError)) throw error;
    if (failed.length === 0) first = error;
    failed.push({ error: error.message, errorClass: error.class });
  }
  if (opinions.length < Math.ceil(outcomes.length / 2)) throw first;
  return combineVotes(opinions, failed, shape);
}

function withDetails(judgement: Judgement, more: Record<string, Json>): Judgement {
  if (judgement.outcome === 'not_applicable') return judgement;
  const { details } = judgement;
  const own = typeof details === 'object' && !Array.isArray(details) ? details : null;
  return { ...judgement, details: { ...own, ...more } };
}
