import { utc } from '@date-fns/utc';
import { defineMetric } from '#libs/evaluation';
import { createRequire } from 'node:module';
import type * as Format from 'date-fns/format';
import type * as IsValid from 'date-fns/isValid';
import type * as Parse from 'date-fns/parse';
import validator from 'validator';
import { z } from 'zod';
import { excerpt } from '../values/text.ts';
import { formatJudge } from './format-metric.ts';

// As CommonJS, each by its own path: as ES modules they take a second and some 130 MB to load, since
// the package's long list of exports is read again for each of its many files.
const load = createRequire(import.meta.url);
const { format }: typeof Format = load('date-fns/format');
const { isValid }: typeof IsValid = load('date-fns/isValid');
const { parse }: typeof Parse = load('date-fns/parse');

/** What a format leaves out comes from here, so that no verdict depends on the day; a leap year. */
const reference = new Date(Date.UTC(2000, 0, 1));

/** No date is longer; it also bounds what the patterns below have to do. */
const TEXT_MAX = 200;

const named = {
  iso8601: (text: string) => validator.isISO8601(text, { strict: true, strictSeparator: true }),
  rfc3339: (text: string) =>
    validator.isRFC3339(text) && validator.isISO8601(text.slice(0, 10), { strict: true }),
  rfc2822: isRfc2822,
} as const satisfies Record<string, (text: string) => boolean>;
const isNamed = (name: string): name is keyof typeof named => Object.hasOwn(named, name);

/** Whether the output is a date in a given form. */
export const dateFormat = defineMetric({
  name: 'date_format',
  title: 'Date',
  family: 'structure',
  description: 'Whether the output is a date, and written in one of the wanted forms.',
  definition:
    'True when the output, without white space at its ends, is a date in one of the formats. A format is iso8601, rfc3339, rfc2822, or a pattern of Unicode tokens such as yyyy-MM-dd or d MMMM yyyy HH:mm (English names). A pattern accepts what is a date of the calendar and written exactly as the pattern writes that date: 2024-1-5 and 2024-02-30 are no yyyy-MM-dd. Where a pattern ends with an offset from UTC (X or x), the offset is read and everything before it held to the pattern. iso8601 takes calendar, week and ordinal dates, alone or with T and a time; rfc3339 takes a date, a time and an offset; rfc2822 takes the form of its section 3.3 with a matching day of the week or none, without comments, and the obsolete zones UT, GMT and those of North America. An output that is not a text is wrong.',
  source:
    'Unicode Technical Standard 35 for the tokens, as date-fns reads and writes them; ISO 8601 and RFC 3339 as validator.js reads them, dates that do not exist refused; RFC 2822.',
  kind: 'boolean',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: [],
  config: z.strictObject({
    formats: z
      .array(
        z
          .string()
          .min(1, 'must not be empty')
          .max(100)
          .superRefine((pattern, context) => {
            const message = isNamed(pattern) ? undefined : patternFault(pattern);
            if (message !== undefined) context.addIssue({ code: 'custom', message });
          }),
      )
      .min(1, 'must name at least one')
      .max(20)
      .default(['iso8601'])
      .meta({
        description:
          'Accepted formats: iso8601, rfc3339, rfc2822, or patterns such as yyyy-MM-dd or d MMMM yyyy',
      }),
  }),
  examples: [
    { output: '2024-02-29', value: true },
    { output: '2023-02-29', value: false },
    { config: { formats: ['dd.MM.yyyy', 'yyyy'] }, output: '05.01.2024', value: true },
    { config: { formats: ['dd.MM.yyyy'] }, output: '5.1.2024', value: false },
    { config: { formats: ['rfc2822'] }, output: 'Thu, 29 Feb 2024 12:00:00 +0100', value: true },
  ],
  prepare({ formats }) {
    const checks = formats.map((name) => (isNamed(name) ? named[name] : patternCheck(name)));
    return formatJudge((text) =>
      text.length <= TEXT_MAX && checks.some((matches) => matches(text))
        ? undefined
        : `${excerpt(text)} is not a date of the form ${formats.join(' or ')}`,
    );
  },
});

/** Tokens that are taken for others all the time; date-fns would also write a warning to the console. */
const mistaken = /(?<!D)D{1,2}(?![Do])|(?<!Y)(?:YY|YYYY)(?![Yo])/;

/** What is wrong with a pattern: a token that nothing can be read by, or none at all. */
function patternFault(pattern: string): string | undefined {
  if (mistaken.test(pattern.replace(/'[^']*'/g, ''))) {
    return 'has D for the day of the year or Y for the year of a week; write dd and yyyy';
  }
  try {
    const written = format(utc(reference), pattern, { in: utc });
    parse(written, pattern, utc(reference), { in: utc });
    return undefined;
  } catch {
    return 'is neither iso8601, rfc3339, rfc2822 nor a pattern of date tokens such as yyyy-MM-dd; put other letters between single quotes';
  }
}

const offset = /(?:Z|[+-]\d\d(?::?\d\d)?)$/;

function patternCheck(pattern: string): (text: string) => boolean {
  const parses = (text: string) => isValid(parse(text, pattern, utc(reference), { in: utc }));
  const [zone] = /(?:X+|x+)$/.exec(pattern) ?? [];
  if (zone === undefined) return (text) => isWritten(text, pattern);
  const rest = pattern.slice(0, -zone.length);
  return (text) => parses(text) && (rest === '' || isWritten(text.replace(offset, ''), rest));
}

/** Whether a text is a date just as the pattern writes it. */
function isWritten(text: string, pattern: string): boolean {
  const date = parse(text, pattern, utc(reference), { in: utc });
  return isValid(date) && format(date, pattern, { in: utc }) === text;
}

const mailZone = / (?:[+-](?:[01]\d|2[0-3])[0-5]\d|UT|GMT|[ECMP][SD]T)$/;
const mailForms = ['EEE, ', ''].flatMap((weekday) =>
  ['d', 'dd'].flatMap((day) =>
    ['HH:mm:ss', 'HH:mm'].map((time) => `${weekday}${day} MMM yyyy ${time}`),
  ),
);

function isRfc2822(text: string): boolean {
  const local = text.replace(mailZone, '');
  return local !== text && mailForms.some((pattern) => isWritten(local, pattern));
}
