import { defineMetric, sqlDialects } from '#libs/evaluation';
import { z } from 'zod';
import { fenceOption, fenceRule } from './fence.ts';
import { grammarJudge } from './grammar-metric.ts';

/** Whether the output is SQL that parses. */
export const sqlValidity = defineMetric({
  name: 'sql_validity',
  title: 'SQL',
  family: 'structure',
  description: 'Whether the output is SQL that parses in a dialect; tables need not exist.',
  definition: `True when the output is one or more statements of the dialect, separated by semicolons. Only the grammar is looked at: no name and no type is checked, and nothing is run. An output that is not a text, or has no statement in it, is wrong. Texts of more than 2,000,000 characters, and those that the parser does not end with in time, give an error. The details hold the first fault with its line and column, counted within what is parsed. ${fenceRule}`,
  source:
    "PostgreSQL's own parser (libpg_query); for the other dialects the grammars of sql-parser-cst. Compare is-sql of promptfoo.",
  kind: 'boolean',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: [],
  config: z.strictObject({
    dialect: z.enum(sqlDialects).default('postgresql').meta({ description: 'Whose SQL it is' }),
    fence: fenceOption,
  }),
  examples: [
    { output: 'SELECT a FROM t WHERE b = 1;', value: true },
    { output: 'SELEC a FROM t', value: false },
    { config: { dialect: 'mysql' }, output: 'SELECT `a` FROM `t` LIMIT 1, 2', value: true },
    { config: { fence: 'auto' }, output: 'Try:\n```sql\nSELECT 1\n```', value: true },
  ],
  prepare({ dialect, fence }, { sandbox }) {
    const languages = ['sql', dialect, dialect === 'postgresql' ? 'postgres' : dialect];
    return grammarJudge(fence, languages, async (text) => sandbox.parseSql(dialect, text));
  },
});
