import { definePreset, textOr } from './define-preset.ts';

export const translation = definePreset('translation', {
  title: 'Translation',
  description:
    'Texts are translated from one language into another, with a reference to compare with.',
  prompt: {
    text: 'Translate the text below into the language "{{ input.to | default: "en" }}". Answer with the translation alone.\n\n{{ input.text | default: input }}',
  },
  parameters: { temperature: 0 },
  metrics: [
    { metric: 'chrf', threshold: 40 },
    { metric: 'bleu' },
    {
      metric: 'rubric',
      name: 'adequate_and_fluent',
      config: {
        criteria:
          'The translation says all that the text says and nothing else, and reads as if it had been written in the language.',
      },
      threshold: 0.7,
    },
  ],
  inputSchema: textOr('text', {
    from: { type: 'string', description: 'A language tag, such as de' },
    to: { type: 'string', description: 'A language tag, such as en' },
  }),
  expectedSchema: { type: ['string', 'array'] },
  examples: [
    {
      input: { text: 'Der Zug nach Bremen fährt heute von Gleis sieben.', from: 'de', to: 'en' },
      expected: 'The train to Bremen leaves from platform seven today.',
      output: 'The train to Bremen departs from platform seven today.',
    },
    {
      input: { text: 'The library is closed on Mondays.', from: 'en', to: 'fr' },
      expected: 'La bibliothèque est fermée le lundi.',
      output: 'La bibliothèque est fermée le lundi.',
    },
    {
      input: { text: '¿Dónde puedo comprar un billete?', from: 'es', to: 'en' },
      expected: 'Where can I buy a ticket?',
      output: 'Where can I buy a ticket?',
    },
  ],
  bestPractice: [
    'chrF ranks systems better than BLEU on short texts and in languages with many endings.',
    'Give several references where you have them: expected may be a list.',
    'Compare models on the same pair of languages; scores of different pairs do not compare.',
  ],
});
