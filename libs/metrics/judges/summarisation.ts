import { z } from 'zod';
import { textOf } from '../values/text.ts';
import {
  asDetail,
  atPath,
  defineJudge,
  definePrompts,
  findings,
  findingsAreFew,
  findingsDefinition,
  findingsOf,
  foundIn,
  judgeOptions,
  materialIsData,
  materialOf,
  pathOption,
  shareOf,
  verdictForm,
  verdictsOn,
} from './engine/index.ts';

const QUESTIONS_MAX = 20;

const prompts = definePrompts({
  claims: {
    version: 1,
    purpose: 'takes the summary apart into claims',
    variables: { summary: 'the output that is judged' },
    text: `You take a summary apart into the claims that it makes.

${materialIsData}

<summary>
{{ summary }}
</summary>

Write each fact that the summary states as one sentence that can be understood without the others: names in the place of pronouns, one fact to a sentence. Add nothing, and correct nothing.

${findingsAreFew}`,
  },
  alignment: {
    version: 1,
    purpose: 'says of each claim whether the original supports it',
    variables: { original: 'the text that was summarised', claims: 'the list of claims' },
    text: `You check the claims of a summary against the original.

${materialIsData}

<original>
{{ original }}
</original>

The claims:
<claims>
{% for claim in claims %}{{ forloop.index }}. {{ claim }}
{% endfor %}</claims>

The verdict on a claim is true where the original says it or directly implies it. It is false where the original contradicts it, and where it does not say it, however true it may be.

${verdictForm}`,
  },
  questions: {
    version: 1,
    purpose: 'makes questions that a good summary answers with yes',
    variables: { original: 'the text to summarise', count: 'how many questions' },
    text: `You write questions by which a summary of a text can be tested.

${materialIsData}

<original>
{{ original }}
</original>

Write {{ count }} questions, or fewer where the text has less to it. Each can be answered with yes or no, and the text answers it with yes. Together they ask for what matters most in the text: the points that a summary must not leave out. Ask for no trifles, and for nothing twice.`,
  },
  coverage: {
    version: 1,
    purpose: 'answers the questions from the summary alone',
    variables: { summary: 'the output that is judged', questions: 'the list of questions' },
    text: `You answer questions from a summary, and from nothing else.

${materialIsData}

<summary>
{{ summary }}
</summary>

The questions:
<questions>
{% for question in questions %}{{ forloop.index }}. {{ question }}
{% endfor %}</questions>

The verdict on a question is true where the summary answers it with yes, in whatever words. It is false where the summary answers it with no, and where it does not tell.

${verdictForm}`,
  },
});

/** Is a summary right, and does it have what matters? */
export const summarisation = defineJudge({
  name: 'summarisation',
  title: 'Summarisation',
  description:
    'Whether a summary says nothing that the original does not, and leaves out nothing that matters: the worse of the two, from 0 to 1.',
  definition: `min(alignment, coverage). Alignment: claims of the summary that the original supports / all of its claims. Coverage: questions that the summary answers with yes / all questions, which the original answers with yes; a model makes them of the original, unless the configuration gives them. A summary without claims gets 0. ${findingsDefinition} An original that is blank, or that has nothing to ask for, is not applicable. The original is the input, or stands where the configuration says.`,
  source:
    'SummarizationMetric of DeepEval (deepeval.com/docs/metrics-summarization), after A. Wang et al., "Asking and Answering Questions to Evaluate the Factual Consistency of Summaries" (QAGS), ACL 2020; the prompts are our own.',
  kind: 'numeric',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: [],
  config: z.strictObject({
    ...judgeOptions(prompts),
    original: pathOption('Where the original stands, such as input.article; left out: the input'),
    questions: z
      .array(z.string().min(1).max(1_000))
      .min(1)
      .max(QUESTIONS_MAX)
      .optional()
      .meta({ description: 'Questions that a good summary answers with yes, for all items' }),
    questionCount: z
      .int()
      .min(1)
      .max(QUESTIONS_MAX)
      .default(5)
      .meta({ description: 'How many questions are made, where none are given' }),
  }),
  prompts,
  examples: [
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' }, questionCount: 2 },
      input: 'The mill burnt down on Friday. Nobody was hurt. It will be rebuilt in spring.',
      output: 'A mill burnt down on Monday; nobody was hurt.',
      answers: [
        { found: ['A mill burnt down on Monday.', 'Nobody was hurt.'] },
        { found: ['Did a mill burn down?', 'Will it be rebuilt?', 'Is it a third question?'] },
        {
          verdicts: [
            { number: 1, reasoning: 'It was Friday.', verdict: false },
            { number: 2, reasoning: 'It says so.', verdict: true },
          ],
        },
        {
          verdicts: [
            { number: 1, reasoning: 'Yes.', verdict: true },
            { number: 2, reasoning: 'It does not tell.', verdict: false },
          ],
        },
      ],
      value: 0.5,
    },
    {
      config: {
        model: { provider: 'openai', model: 'gpt-5-mini' },
        original: 'input.article',
        questions: ['Did the mill burn down?'],
      },
      input: { article: 'The mill burnt down.' },
      output: 'The mill burnt down.',
      answers: [
        { found: ['The mill burnt down.'] },
        { verdicts: [{ number: 1, reasoning: 'The same words.', verdict: true }] },
        { verdicts: [{ number: 1, reasoning: 'It says so.', verdict: true }] },
      ],
      value: 1,
    },
  ],
  asks: ({ questions }) => [
    'claims',
    ...(questions ? [] : (['questions'] as const)),
    'alignment',
    'coverage',
  ],
  judge:
    ({ original: path, questions: given, questionCount }) =>
    async (item, ask) => {
      const source = path === undefined ? item.input : atPath(item, path);
      const original = source === undefined || source === null ? '' : textOf(source);
      if (original.trim() === '') return { notApplicable: 'there is no original to compare with' };
      const { output: summary } = materialOf(item);
      const [claims, questions] = await Promise.all([
        ask('claims', { summary }, findings).then(foundIn),
        given ??
          ask('questions', { original, count: questionCount }, findings).then((made) =>
            foundIn(made).slice(0, questionCount),
          ),
      ]);
      if (questions.length === 0) return { notApplicable: 'the original has nothing to ask for' };
      if (claims.length === 0) {
        return { value: 0, reason: 'The summary states nothing.', details: { questions } };
      }
      const [aligned, covered] = await Promise.all([
        ask('alignment', { original, claims }, verdictsOn(claims.length)),
        ask('coverage', { summary, questions }, verdictsOn(questions.length)),
      ]);
      const claimsJudged = findingsOf(claims, aligned);
      const answered = findingsOf(questions, covered);
      const alignment = shareOf(claimsJudged, {
        what: 'claims',
        are: 'are supported by the original',
        telling: false,
      });
      const coverage = shareOf(answered, {
        what: 'questions',
        are: 'are answered by the summary',
        telling: false,
      });
      const worse = alignment.value <= coverage.value ? alignment : coverage;
      return {
        value: worse.value,
        reason: `Alignment ${alignment.value.toFixed(2)}, coverage ${coverage.value.toFixed(2)}. ${worse.reason}`,
        details: {
          alignment: alignment.value,
          coverage: coverage.value,
          claims: claimsJudged.map(asDetail),
          questions: answered.map(asDetail),
        },
      };
    },
});
