import { expect, test } from '@jest/globals';
import { metricCatalogue } from '#libs/metrics';
import { createHash } from 'node:crypto';
import { answerForm } from './engine/ask.ts';

/**
 * Every version of every prompt. A score says by which version it came about, so a text that changes
 * takes a new version, and a new line here; lines that are here stay.
 */
const versions: Record<string, string> = {
  'agent_goal_accuracy verdict 1': 'e81e2ebcc935',
  'answer_correctness statements 1': 'dda82bf104cb',
  'answer_correctness verdict 1': '460884383812',
  'answer_relevancy statements 1': '9bedf9073462',
  'answer_relevancy verdict 1': '83b068f31e5a',
  'bias opinions 1': '018b76e7b9f4',
  'bias verdict 1': '9e0d09be8b4c',
  'closed_qa verdict 1': '2f114a49ebcb',
  'context_precision verdict 1': '42d7a18ab247',
  'context_recall claims 1': '2a3641216e4a',
  'context_recall verdict 1': 'b93d1ab4eb02',
  'context_relevancy statements 1': '17cf24e25f76',
  'context_relevancy verdict 1': 'd5b17323c517',
  'conversation_coherence verdict 1': '588a13e575b6',
  'factuality verdict 1': 'd6cace31c443',
  'faithfulness claims 1': '62bdb21fe9b9',
  'faithfulness verdict 1': '3b0d32ac4e53',
  'goal_reached goals 1': 'd850af1d85fb',
  'goal_reached verdict 1': '722fb3b35d89',
  'hallucination verdict 1': '736773927a08',
  'instruction_following instructions 1': 'cda782451ac8',
  'instruction_following verdict 1': '6ed410c28774',
  'judge_choice verdict 1': 'c31a4dff7103',
  'judge_custom verdict 1': 'b065138a3bc9',
  'judge_yes_no verdict 1': '0de5303e3239',
  'pairwise_preference verdict 1': 'aa9a5820d49b',
  'plan_adherence steps 1': '1bb68eb56135',
  'plan_adherence verdict 1': '7c3ae92ff8f7',
  'plan_quality verdict 1': 'bae1aab7895c',
  'role_adherence verdict 1': '0dd5b877c60f',
  'rubric steps 1': '6c3bec05c5de',
  'rubric verdict 1': '8cbfe0fbf015',
  'summarisation alignment 1': '0bc0a4a2cdd4',
  'summarisation claims 1': '0171a02f21bf',
  'summarisation coverage 1': '12b36f377350',
  'summarisation questions 1': '877634173531',
  'toxicity opinions 1': '018b76e7b9f4',
  'toxicity verdict 1': '0ca1a8e2b81c',
};

const hashOf = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 12);

test('a prompt whose text changes has a new version', () => {
  const present = [...metricCatalogue.values()].flatMap(({ name, prompts = [] }) =>
    prompts.map((prompt) => [`${name} ${prompt.name} ${prompt.version}`, hashOf(prompt.text)]),
  );
  expect(present.length).toBeGreaterThan(8);
  const held = present.map(([prompt = '']) => [prompt, versions[prompt]]);
  expect(Object.fromEntries(held)).toEqual(Object.fromEntries(present));
});

test('the end of all prompts is what their versions were judged with', () => {
  // It has no version of its own: where it changes, all prompts take a new one.
  expect(hashOf(answerForm({}))).toBe('98ebe0998de4');
});

test('each judge says how many calls a case takes', () => {
  const judges = [...metricCatalogue.values()].filter(({ family }) => family === 'judge');
  const wrong = judges.filter(
    (judge) =>
      !judge.examples.some(
        ({ config = {}, answers = [] }) =>
          judge.callsPerItem?.(judge.config.parse(config)).length === answers.length,
      ),
  );
  expect(wrong.map(({ name }) => name)).toEqual([]);
});
