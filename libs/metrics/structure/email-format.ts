import { defineMetric } from '#libs/evaluation';
import validator from 'validator';
import { z } from 'zod';
import { excerpt } from '../values/text.ts';
import { formatJudge } from './format-metric.ts';

/** Whether the output is an e-mail address. */
export const emailFormat = defineMetric({
  name: 'email_format',
  title: 'E-mail address',
  family: 'structure',
  description: 'Whether the output is one e-mail address; nothing is sent.',
  definition:
    'True when the output, without white space at its ends, is an e-mail address as isEmail of validator.js tells: a local part of at most 64 bytes, quoted or of the characters of RFC 5322 and of international addresses (RFC 6531), then @, then a domain name with a top-level domain; at most 254 characters together. With displayName a name before the address in angle brackets is allowed: Ada <ada@example.com>. An output that is not a text is wrong.',
  source: 'RFC 5321, 5322 and 6531, as isEmail of validator.js reads them.',
  kind: 'boolean',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: [],
  config: z.strictObject({
    displayName: z
      .boolean()
      .default(false)
      .meta({ description: 'Allow a name before the address in angle brackets' }),
  }),
  examples: [
    { output: 'ada@example.com', value: true },
    { output: 'ada@localhost', value: false },
    { output: 'Ada <ada@example.com>', value: false },
    { config: { displayName: true }, output: 'Ada <ada@example.com>', value: true },
  ],
  prepare({ displayName }) {
    return formatJudge((text) =>
      // isEmail throws where it meets half of a surrogate pair.
      text.isWellFormed() && validator.isEmail(text, { allow_display_name: displayName })
        ? undefined
        : `${excerpt(text)} is not an e-mail address`,
    );
  },
});
