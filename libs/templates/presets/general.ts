import { definePreset } from './define-preset.ts';

export const general = definePreset('general', {
  title: 'General instructions',
  description:
    'Open tasks of any kind, such as writing, brainstorming or advice: is the instruction followed, and is the answer good?',
  prompt: {
    messages: [
      { role: 'system', content: 'Do what you are asked, completely and without preamble.' },
      { role: 'user', content: '{{ input.instruction | default: input }}' },
    ],
  },
  metrics: [
    { metric: 'instruction_following', threshold: 0.8 },
    {
      metric: 'rubric',
      name: 'quality',
      config: {
        criteria: 'The answer is correct, complete, clear, and of use to the one who asked.',
      },
      threshold: 0.5,
    },
    { metric: 'refusal' },
    { metric: 'word_count' },
  ],
  inputSchema: {},
  examples: [
    {
      input: 'Name three things to check before renting a flat. One line each.',
      output: 'Heating and windows\nNoise, at different hours\nAll costs in the contract',
    },
    {
      input: { instruction: 'Write one polite sentence that declines an invitation to a party.' },
      output: 'Thank you so much for the invitation; sadly I cannot come that evening.',
    },
    {
      input: { instruction: 'Explain to a child of eight why the sky is blue, in two sentences.' },
      output:
        'Sunlight is made of all colours, and the air throws the blue part around more than the others. So blue comes to your eyes from everywhere in the sky.',
    },
  ],
  bestPractice: [
    'Write the criteria of the rubric for your task; a general one tells good from bad, and little else.',
    'Begin with twenty items that you know well, and read every reason of the judge.',
    'Once you know what goes wrong, replace the rubric by questions that can be answered with yes or no.',
  ],
});
