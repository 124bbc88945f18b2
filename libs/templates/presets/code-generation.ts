import { definePreset, textOr } from './define-preset.ts';

export const codeGeneration = definePreset('code_generation', {
  title: 'Code generation',
  description:
    'A programming task, such as a function to implement from its description, is answered with code, here Python.',
  prompt: {
    messages: [
      {
        role: 'system',
        content:
          'You write Python. Answer with the code alone, in one fenced block, without examples of its use.',
      },
      { role: 'user', content: '{{ input.task | default: input }}' },
    ],
  },
  parameters: { temperature: 0 },
  metrics: [
    { metric: 'code_validity', config: { language: 'python', fence: 'auto' } },
    {
      metric: 'closed_qa',
      name: 'does_the_task',
      config: {
        criterion:
          'The code does all that the task asks, also for empty and extreme inputs, and would run as it stands.',
      },
    },
    {
      metric: 'rubric',
      name: 'readable',
      config: { criteria: 'The code is short, well named, and easy to read for a colleague.' },
      threshold: 0.5,
    },
  ],
  inputSchema: textOr('task'),
  expectedSchema: { type: 'string' },
  examples: [
    {
      input: {
        task: 'Write a function `is_palindrome(text)` that ignores case and everything that is no letter.',
      },
      expected:
        'def is_palindrome(text):\n    letters = [c.lower() for c in text if c.isalpha()]\n    return letters == letters[::-1]\n',
      output:
        '```python\ndef is_palindrome(text):\n    letters = [c.lower() for c in text if c.isalpha()]\n    return letters == letters[::-1]\n```',
    },
    {
      input: {
        task: 'Write a function `chunks(items, size)` that yields lists of at most `size` items.',
      },
      expected:
        'def chunks(items, size):\n    for start in range(0, len(items), size):\n        yield items[start:start + size]\n',
      output:
        '```python\ndef chunks(items, size):\n    for start in range(0, len(items), size):\n        yield items[start:start + size]\n```',
    },
    {
      input: {
        task: 'Write a function `most_common(words)` that returns the word that occurs most often, or None.',
      },
      expected:
        'from collections import Counter\n\ndef most_common(words):\n    counted = Counter(words).most_common(1)\n    return counted[0][0] if counted else None\n',
      output:
        '```python\nfrom collections import Counter\n\n\ndef most_common(words):\n    counted = Counter(words).most_common(1)\n    return counted[0][0] if counted else None\n```',
    },
  ],
  bestPractice: [
    'Run several repeats and read pass@k: one sample says little about code.',
    'Where you have tests, run them in your own sandbox as an http_scorer; a judge only reads.',
    'Change `language` of code_validity with the language of the prompt.',
  ],
});
