import { definePreset } from './define-preset.ts';

export const rag = definePreset('rag', {
  title: 'Answers from retrieved context',
  description:
    'Retrieval-augmented generation (RAG): a question is answered from passages or documents that were retrieved for it, and from nothing else.',
  prompt: {
    messages: [
      {
        role: 'system',
        content:
          'Answer the question from the passages alone. Where they do not hold the answer, say that you do not know.',
      },
      {
        role: 'user',
        content:
          '{% for passage in input.context %}[{{ forloop.index }}] {{ passage }}\n{% endfor %}\nQuestion: {{ input.question }}',
      },
    ],
  },
  parameters: { temperature: 0 },
  metrics: [
    { metric: 'faithfulness', config: { context: 'input.context' }, threshold: 0.8 },
    { metric: 'answer_relevancy', threshold: 0.7 },
    { metric: 'context_precision', config: { context: 'input.context' } },
    { metric: 'context_recall', config: { context: 'input.context' } },
    { metric: 'answer_correctness', threshold: 0.5 },
    { metric: 'squad_f1' },
  ],
  inputSchema: {
    type: 'object',
    required: ['question', 'context'],
    properties: {
      question: { type: 'string', minLength: 1 },
      context: { type: 'array', items: { type: 'string' }, minItems: 1 },
    },
  },
  expectedSchema: { type: 'string' },
  examples: [
    {
      input: {
        question: 'How long does the warranty of the pump last?',
        context: [
          'The pump P200 comes with a warranty of three years from the day of purchase.',
          'Filters are wearing parts and are not covered.',
        ],
      },
      expected: 'three years from the day of purchase',
      output: 'The warranty lasts three years from the day of purchase.',
    },
    {
      input: {
        question: 'Who has to be told when the alarm goes off at night?',
        context: [
          'At night the alarm is answered by the porter, who tells the engineer on call.',
          'During the day the front desk takes all alarms.',
        ],
      },
      expected: 'the porter tells the engineer on call',
      output: 'The porter answers the alarm and tells the engineer on call.',
    },
    {
      input: {
        question: 'What does the premium plan cost?',
        context: ['The basic plan is free.', 'Plans can be changed at the end of each month.'],
      },
      expected: 'The passages do not say.',
      output: 'I do not know: the passages do not say.',
    },
  ],
  bestPractice: [
    'Judge retrieval (context precision, recall) and answers (faithfulness, relevancy) apart, to know which to mend.',
    'Put questions into the dataset whose answer is not in the context; the model should say so.',
    'Where your own system retrieves, run it as an http or client target and let it report its context.',
  ],
});
