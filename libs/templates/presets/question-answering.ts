import { definePreset, textOr } from './define-preset.ts';

export const questionAnswering = definePreset('question_answering', {
  title: 'Question answering',
  description:
    'Short questions with one right answer, from what the model knows or can work out: facts, arithmetic, trivia.',
  prompt: {
    messages: [
      {
        role: 'system',
        content:
          'Answer the question as briefly as you can. Work it out first where that takes steps; then write the answer alone on the last line, after "Answer: ".',
      },
      { role: 'user', content: '{{ input.question | default: input }}' },
    ],
  },
  parameters: { temperature: 0 },
  metrics: [
    {
      metric: 'contains',
      name: 'names_the_answer',
      config: { ignoreCase: true },
      extract: '(?s)Answer:\\s*(.+)',
    },
    { metric: 'squad_f1', extract: '(?s)Answer:\\s*(.+)', threshold: 0.5 },
    { metric: 'factuality', threshold: 0.6 },
  ],
  inputSchema: textOr('question'),
  expectedSchema: { type: ['string', 'number', 'array'] },
  examples: [
    {
      input: { question: 'What is the capital of Australia?' },
      expected: 'Canberra',
      output: 'Answer: Canberra',
    },
    {
      input: { question: 'Which metal is liquid at room temperature?' },
      expected: 'Mercury',
      output: 'Answer: mercury',
    },
    {
      input:
        'A crate holds 12 bottles. How many bottles are in 7 crates, if 5 are broken and thrown away?',
      expected: '79',
      output: '7 × 12 = 84 bottles, and 84 − 5 = 79.\nAnswer: 79',
    },
    {
      input: { question: 'Who wrote "Frankenstein"?' },
      expected: 'Mary Shelley',
      output: 'Answer: Mary Shelley',
    },
  ],
  bestPractice: [
    'Keep expected answers as short as they can be; long ones make overlap metrics say little.',
    'Give a fixed last line to extract, so that the working out does not count as the answer.',
    'Look at the items on which factuality and overlap disagree: one of the two references is usually wrong.',
  ],
});
