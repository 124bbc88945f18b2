import { createContext, useContext } from 'react';
import type { Dataset, DatasetItem, MetricDescription } from '#libs/contracts';
import type { Faults } from '../../components/schema-form/entries.ts';
import type { Field } from '../../components/schema-form/schema.ts';
import type { Variable } from '../../components/prompt-editor/variables.ts';
import type { RenderedState } from '../../components/prompt-editor/use-rendered.ts';
import type { Draft } from './draft.ts';
import type { ReadDraft } from './request.ts';

/** What all sections of the form share. */
export interface NewRunState {
  draft: Draft;
  update: (change: (draft: Draft) => Draft) => void;
  read: ReadDraft;
  metrics: readonly MetricDescription[];
  fieldsOfMetric: (metric: string) => readonly Field[] | undefined;
  dataset: Dataset | undefined;
  /** The first items of the chosen version. */
  items: readonly DatasetItem[] | undefined;
  variables: readonly Variable[] | undefined;
  /** How many items are meant; undefined while that is not known. */
  total: number | undefined;
  /** What the target becomes on one of them. */
  rendered: RenderedState;
  /** What is wrong, or, once a person has tried to submit, missing at a path. */
  faultAt: (path: string) => string | undefined;
  /** The same at a path or below it, with where that is. */
  faultBelow: (path: string) => string | undefined;
  /** The same for a form, by its fields. @param prefix the path of the form's own value */
  faultsIn: (prefix: string, fields: readonly Field[]) => Faults;
}

export const NewRunContext = createContext<NewRunState | undefined>(undefined);

export function useNewRun(): NewRunState {
  const state = useContext(NewRunContext);
  if (!state) throw new Error('outside of the form of a new run');
  return state;
}
