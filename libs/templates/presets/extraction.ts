import { definePreset, textOr } from './define-preset.ts';

const invoice = {
  type: 'object',
  additionalProperties: false,
  required: ['supplier', 'date', 'total', 'currency'],
  properties: {
    supplier: { type: 'string' },
    date: { type: 'string', description: 'As YYYY-MM-DD' },
    total: { type: 'number' },
    currency: { type: 'string', description: 'Three letters, such as EUR' },
  },
};

export const extraction = definePreset('extraction', {
  title: 'Extraction to JSON',
  description:
    'Fields are taken out of texts, such as invoices, mails or forms, into a JSON object of a fixed structure.',
  prompt: {
    messages: [
      {
        role: 'system',
        content:
          'Extract supplier, date (YYYY-MM-DD), total (a number) and currency (three letters) from the text. Answer with one JSON object and nothing else.',
      },
      { role: 'user', content: '{{ input.text | default: input }}' },
    ],
  },
  parameters: { temperature: 0 },
  responseSchema: invoice,
  metrics: [
    { metric: 'json_schema', config: { schema: invoice, fence: 'auto' } },
    { metric: 'json_difference', threshold: 0.9 },
    { metric: 'exact_match' },
  ],
  inputSchema: textOr('text'),
  expectedSchema: { type: 'object' },
  examples: [
    {
      input: { text: 'Invoice of 3 March 2025. Miller & Sons. Amount due: 1,204.50 €' },
      expected: { supplier: 'Miller & Sons', date: '2025-03-03', total: 1204.5, currency: 'EUR' },
      output: { supplier: 'Miller & Sons', date: '2025-03-03', total: 1204.5, currency: 'EUR' },
    },
    {
      input: { text: 'ACME Ltd, 12/24/2024 (US format), total $89' },
      expected: { supplier: 'ACME Ltd', date: '2024-12-24', total: 89, currency: 'USD' },
      output: { supplier: 'ACME Ltd', date: '2024-12-24', total: 89, currency: 'USD' },
    },
    {
      input: 'Bakery Huber thanks you. 2025-01-31, 7.20 CHF',
      expected: { supplier: 'Bakery Huber', date: '2025-01-31', total: 7.2, currency: 'CHF' },
      output: { supplier: 'Bakery Huber', date: '2025-01-31', total: 7.2, currency: 'CHF' },
    },
  ],
  bestPractice: [
    'Replace the schema by yours in responseSchema, in json_schema and in the prompt: they must agree.',
    'json_difference shows which field is wrong; exact_match how many answers need no correction.',
    'Say in the prompt what to write where a field is missing from the text, and put such texts into the dataset.',
  ],
});
