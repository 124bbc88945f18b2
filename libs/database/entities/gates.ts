import type { GateOutcome, GateRule, RuleResult } from '#libs/contracts';
import { defineEntity, p } from '@mikro-orm/core';
import { createdAt, uuidKey } from './columns.ts';

/** The run that the runs of a dataset are held against. */
export const DatasetBaselineEntity = defineEntity({
  name: 'DatasetBaseline',
  tableName: 'dataset_baselines',
  properties: {
    datasetId: uuidKey(),
    runId: p.uuid(),
    pinnedAt: p.datetime().defaultRaw('now()'),
  },
});

export const GateEntity = defineEntity({
  name: 'Gate',
  tableName: 'gates',
  properties: {
    id: uuidKey(),
    projectId: p.uuid(),
    name: p.text(),
    /** Null: for runs of any dataset. */
    datasetId: p.uuid().nullable(),
    rules: p.json<GateRule[]>().columnType('json'),
    /** Rises each time that the rules change. */
    rulesVersion: p.integer().default(1),
    createdAt: createdAt(),
  },
  indexes: [{ name: 'gates_project_index', properties: ['projectId', 'id'] }],
});

/** What a gate came to for a run beside a baseline, the last time that it was checked. */
export const GateResultEntity = defineEntity({
  name: 'GateResult',
  tableName: 'gate_results',
  properties: {
    id: uuidKey(),
    projectId: p.uuid(),
    gateId: p.uuid(),
    runId: p.uuid(),
    baselineRunId: p.uuid(),
    /** Null: the runs could not be compared. */
    comparisonId: p.uuid().nullable(),
    outcome: p.text().$type<GateOutcome>(),
    rules: p.json<RuleResult[]>().columnType('json'),
    /** Of the gate, that were checked. */
    rulesVersion: p.integer(),
    createdAt: createdAt(),
  },
  indexes: [
    { name: 'gate_results_project_index', properties: ['projectId', 'id'] },
    { name: 'gate_results_run_index', properties: ['runId', 'id'] },
    { name: 'gate_results_gate_index', properties: ['gateId', 'id'] },
  ],
  uniques: [{ name: 'gate_results_unique', properties: ['gateId', 'runId', 'baselineRunId'] }],
});

/** Completed runs that are still to be compared with their baseline, and their gates to be checked. */
export const RunFollowUpEntity = defineEntity({
  name: 'RunFollowUp',
  tableName: 'run_follow_ups',
  properties: {
    runId: uuidKey(),
    /** Another one each time that the run completes: what is done for an earlier one ends nothing. */
    token: p.uuid(),
    /** Null at first. */
    comparisonId: p.uuid().nullable(),
    createdAt: createdAt(),
    /** When somebody last worked on it. */
    touchedAt: p.datetime().defaultRaw('now()'),
  },
  indexes: [
    { name: 'run_follow_ups_touched_index', properties: ['touchedAt'] },
    {
      name: 'run_follow_ups_comparison_index',
      properties: ['comparisonId'],
      where: 'comparison_id is not null',
    },
  ],
});
