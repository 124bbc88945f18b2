import { definePreset, textOr } from './define-preset.ts';

export const toolUse = definePreset('tool_use', {
  title: 'Tool use',
  description:
    'A request is to be answered by calling the right tools, or functions, with the right arguments; no call where none is needed.',
  prompt: {
    messages: [
      {
        role: 'system',
        content: 'Call a tool where one is needed. Ask for nothing that the request already says.',
      },
      { role: 'user', content: '{{ input.request | default: input }}' },
    ],
  },
  parameters: { temperature: 0 },
  tools: [
    {
      name: 'get_weather',
      description: 'The weather in a city, now',
      inputSchema: {
        type: 'object',
        required: ['city'],
        properties: { city: { type: 'string' } },
      },
    },
    {
      name: 'set_timer',
      description: 'Sets a timer',
      inputSchema: {
        type: 'object',
        required: ['minutes'],
        properties: { minutes: { type: 'integer' } },
      },
    },
  ],
  metrics: [
    { metric: 'tool_call_match' },
    { metric: 'tool_call_f1', threshold: 1 },
    {
      metric: 'tool_call_f1',
      name: 'right_tools',
      config: { by: 'name' },
      threshold: 1,
    },
  ],
  inputSchema: textOr('request'),
  expectedSchema: { type: 'array', items: { type: 'object', required: ['name'] } },
  examples: [
    {
      input: { request: 'Do I need an umbrella in Bergen?' },
      expected: [{ name: 'get_weather', arguments: { city: 'Bergen' } }],
      output: [{ name: 'get_weather', arguments: { city: 'Bergen' } }],
    },
    {
      input: { request: 'Wake me in a quarter of an hour.' },
      expected: [{ name: 'set_timer', arguments: { minutes: 15 } }],
      output: [{ name: 'set_timer', arguments: { minutes: 15 } }],
    },
    {
      input: { request: 'Is it warmer in Rome or in Oslo?' },
      expected: [
        { name: 'get_weather', arguments: { city: 'Rome' } },
        { name: 'get_weather', arguments: { city: 'Oslo' } },
      ],
      output: [
        { name: 'get_weather', arguments: { city: 'Rome' } },
        { name: 'get_weather', arguments: { city: 'Oslo' } },
      ],
    },
    {
      input: { request: 'Thank you, that was all.' },
      expected: [],
      output: 'You are welcome!',
    },
  ],
  bestPractice: [
    'Replace the tools by yours; names and descriptions are half of what a model goes by.',
    'Put requests into the dataset that need no tool: calling too much is a mistake too.',
    'Leave arguments that are free text out of the comparison with ignoreArguments.',
  ],
});
