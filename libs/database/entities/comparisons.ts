import type { ComparisonOptions, ComparisonState } from '#libs/contracts';
import { defineEntity, p } from '@mikro-orm/core';
import { createdAt, uuidKey, verbatimJson } from './columns.ts';

/** One row for each question, whatever the runs hold meanwhile: asked again, it is computed again. */
export const ComparisonEntity = defineEntity({
  name: 'Comparison',
  tableName: 'comparisons',
  properties: {
    id: uuidKey(),
    projectId: p.uuid(),
    /** SHA-256 of runs and options, hexadecimal: the question. */
    question: p.text(),
    /** The baseline first. */
    runIds: p.array().columnType('uuid[]'),
    options: p.json<ComparisonOptions>().columnType('json'),
    state: p.text().$type<ComparisonState>(),
    progress: p.double().default(0),
    /** Rises each time that it is to be computed; with the id it names the job. */
    round: p.integer().default(1),
    /** How often this round was begun: one that keeps losing its worker is given up. */
    begun: p.integer().default(0),
    /** Rises with every change that a client may see. */
    version: p.bigint('number').default(1),
    /** What the runs held that the result is of. */
    resultOf: p.text().nullable(),
    result: verbatimJson().nullable(),
    verdicts: verbatimJson().defaultRaw(`'[]'`),
    reason: p.text().nullable(),
    createdAt: createdAt(),
    computedAt: p.datetime().nullable(),
    /** When somebody last worked on it, or sent it to be. */
    touchedAt: p.datetime().defaultRaw('now()'),
  },
  indexes: [
    { name: 'comparisons_project_index', properties: ['projectId', 'id'] },
    { name: 'comparisons_runs_index', properties: ['runIds'], type: 'gin' },
    {
      name: 'comparisons_baseline_index',
      expression: 'create index "comparisons_baseline_index" on "comparisons" ((run_ids[1]), "id")',
    },
    {
      name: 'comparisons_unfinished_index',
      properties: ['touchedAt'],
      where: `state in ('queued', 'running', 'refining')`,
    },
  ],
  uniques: [{ name: 'comparisons_question_unique', properties: ['projectId', 'question'] }],
});
