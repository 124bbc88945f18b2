import { definePreset, textOr } from './define-preset.ts';

export const summarisation = definePreset('summarisation', {
  title: 'Summarisation',
  description:
    'A long text, such as an article, report or thread, is to be made short without losing or adding anything that matters.',
  prompt: {
    text: 'Summarise the text below in at most three sentences. Say only what the text says; keep names, numbers and dates.\n\nText:\n{{ input.text | default: input }}',
  },
  parameters: { temperature: 0 },
  metrics: [
    { metric: 'summarisation', config: { original: 'input' }, threshold: 0.5 },
    { metric: 'rouge_lsum', threshold: 0.2 },
    { metric: 'word_count', threshold: { max: 100 } },
    {
      metric: 'rubric',
      name: 'reads_well',
      config: {
        criteria: 'The summary is clear, complete and can be understood without the text.',
      },
      threshold: 0.5,
    },
  ],
  inputSchema: textOr('text'),
  expectedSchema: { type: ['string', 'array'] },
  examples: [
    {
      input: {
        text: 'The town council voted on Tuesday to close the swimming pool in Mill Street from 1 May. Repairs to the roof, which has leaked since 2021, will cost 2.4 million euros and take fourteen months. Schools will use the pool in the neighbouring village until then; the bus there is free for pupils.',
      },
      expected:
        'The pool in Mill Street closes on 1 May for fourteen months while its roof is repaired for 2.4 million euros. Schools use the pool in the next village, with a free bus.',
      output:
        'The swimming pool in Mill Street closes on 1 May for fourteen months while its roof is repaired for 2.4 million euros. Until then schools use the pool in the neighbouring village, with a free bus for pupils.',
    },
    {
      input: {
        text: 'Anna: The release is blocked, the payment test fails on the new certificate. Ben: I renewed it in staging only. I will do production now. Anna: Fine, then we release at four. Ben: Done, test is green.',
      },
      expected:
        'The release was blocked because the payment test failed on a certificate renewed in staging only. Ben renewed it in production; the release is at four.',
      output:
        'The release was blocked by a failing payment test: the certificate had been renewed in staging only. Ben renewed it in production, the test is green, and the release is at four.',
    },
    {
      input:
        'Sales of electric bicycles rose by 11 percent last year to 2.1 million, while those of bicycles without a motor fell by 8 percent to 1.8 million. Dealers say that their stores are still full; prices fell by 6 percent on average.',
      expected:
        'Last year 2.1 million electric bicycles were sold, 11 percent more, and 1.8 million without a motor, 8 percent fewer. Stores are full and prices fell by 6 percent.',
      output:
        'Sales of electric bicycles rose by 11 percent to 2.1 million; those without a motor fell by 8 percent to 1.8 million. Stores are still full, and prices fell by 6 percent on average.',
    },
  ],
  bestPractice: [
    'Say in the prompt how long a summary may be, and let word_count hold the model to it.',
    'ROUGE needs a reference and rewards copying; trust the judge where the two differ.',
    'Take texts of the length that you really have: models leave out more of long ones.',
  ],
});
