import { definePreset, textOr } from './define-preset.ts';

export const classification = definePreset('classification', {
  title: 'Classification',
  description: 'Each text gets one label of a fixed set: sentiment, topic, intent, spam, priority.',
  prompt: {
    messages: [
      {
        role: 'system',
        content:
          'Give the text exactly one label{% if input.labels %} out of: {{ input.labels | join: ", " }}{% endif %}. Answer with the label alone.',
      },
      { role: 'user', content: '{{ input.text | default: input }}' },
    ],
  },
  parameters: { temperature: 0, maxOutputTokens: 20 },
  metrics: [
    { metric: 'classification', config: { ignoreCase: true } },
    { metric: 'exact_match', config: { ignoreCase: true, trim: true } },
  ],
  inputSchema: textOr('text', {
    labels: { type: 'array', items: { type: 'string' }, minItems: 2 },
  }),
  expectedSchema: { type: ['string', 'boolean', 'integer'] },
  examples: [
    {
      input: {
        text: 'Arrived two weeks late and the box was open.',
        labels: ['positive', 'negative', 'neutral'],
      },
      expected: 'negative',
      output: 'negative',
    },
    {
      input: {
        text: 'Exactly what I was looking for, thank you!',
        labels: ['positive', 'negative', 'neutral'],
      },
      expected: 'positive',
      output: 'Positive',
    },
    {
      input: {
        text: 'The parcel has 30 by 20 by 10 centimetres.',
        labels: ['positive', 'negative', 'neutral'],
      },
      expected: 'neutral',
      output: 'neutral',
    },
    {
      input: {
        text: 'It does what it should. Nothing more to say.',
        labels: ['positive', 'negative', 'neutral'],
      },
      expected: 'neutral',
      output: 'neutral',
    },
  ],
  bestPractice: [
    'Name all labels in the prompt, in the spelling of the dataset, and ask for nothing else.',
    'Where labels are rare, look at macro F1 and the confusion matrix; accuracy hides them.',
    'Set `labels` in the configuration, so that an answer that is no label at all is seen as such.',
  ],
});
