import { useLocalStorage } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useMemo, useState, type ReactNode } from 'react';
import type { Dataset, DatasetVersion } from '#libs/contracts';
import { ApiError } from '#libs/sdk';
import { client } from '../../../queries/client.ts';
import { datasetKeys, datasetQuery } from '../../../queries/datasets.ts';
import {
  draftSchema,
  emptyDraft,
  faultsByChange,
  toEdit,
  withChange,
  withoutChange,
  type Change,
  type Draft,
  type ItemFault,
} from './draft.ts';

/** Browsers keep some five million characters for all of a site. */
const mostKept = 4_000_000;

export interface DraftControl {
  draft: Draft;
  changes: ReadonlyMap<string, Change>;
  /** Whether it survives a reload. */
  isKept: boolean;
  /** Undefined where the dataset may not be edited. */
  set: ((change: Change) => void) | undefined;
  takeBack: (id: string) => void;
  discard: () => void;
  /** Goes on with the same changes on the version that is the latest by now. */
  moveToLatest: () => void;
  save: (onSaved: (version: DatasetVersion) => void) => void;
  isSaving: boolean;
  error: Error | undefined;
  /** What the server refused, at the changes that it is of. */
  faults: ReadonlyMap<string, ItemFault[]>;
  /** What it refused that belongs to none of them. */
  otherFaults: string[];
}

const DraftContext = createContext<DraftControl | undefined>(undefined);

/** The draft of the dataset that the page shows. */
export function useDraft(): DraftControl {
  const control = useContext(DraftContext);
  if (!control) throw new Error('There is no draft outside of a dataset.');
  return control;
}

/** Keeps the draft of a dataset in the browser, where a reload and other tabs find it. */
export function DraftProvider(props: { dataset: Dataset; mayEdit: boolean; children: ReactNode }) {
  const { dataset, mayEdit } = props;
  const queries = useQueryClient();
  const [draft, setDraft, removeDraft] = useLocalStorage<Draft>({
    key: `llm-eval-draft-${dataset.id}`,
    defaultValue: emptyDraft,
    getInitialValueInEffect: false,
    deserialize: readDraft,
  });
  const [refusal, setRefusal] = useState<Refusal>();
  const save = useMutation({
    mutationFn: (body: Draft) =>
      client.editDataset({ params: { id: dataset.id }, body: toEdit(body).edit }),
    onSuccess: ({ version, itemCount, createdAt }) => {
      removeDraft();
      queries.setQueryData(
        datasetQuery(dataset.id).queryKey,
        (known) => known && { ...known, latestVersion: version, itemCount, changedAt: createdAt },
      );
      void queries.invalidateQueries({ queryKey: datasetKeys.versions(dataset.id) });
      void queries.invalidateQueries({ queryKey: datasetKeys.lists });
    },
    onError: (error, sent) => {
      const errors = error instanceof ApiError ? error.errors : [];
      setRefusal({ error, ...faultsByChange(sent, errors) });
      // Where another version was made meanwhile, the page should know.
      void queries.invalidateQueries({ queryKey: datasetQuery(dataset.id).queryKey });
    },
  });
  const { mutate, isPending } = save;
  const latest = dataset.latestVersion;
  const control = useMemo<DraftControl>(() => {
    const replace = (next: Draft): void => {
      if (next.changes.length === 0) removeDraft();
      else setDraft(next);
    };
    // What was wrong with a change may be right now; what is wrong with others still is.
    const settle = (id: string): void => setRefusal((known) => known && withoutFaults(known, id));
    return {
      draft,
      changes: new Map(draft.changes.map((change) => [change.id, change])),
      isKept: JSON.stringify(draft).length <= mostKept,
      set: mayEdit
        ? (change) => {
            const begun = draft.changes.length === 0 ? { ...draft, baseVersion: latest } : draft;
            replace(withChange(begun, change));
            settle(change.id);
          }
        : undefined,
      takeBack: (id) => {
        replace(withoutChange(draft, id));
        settle(id);
      },
      discard: () => {
        replace(emptyDraft);
        setRefusal(undefined);
      },
      moveToLatest: () => {
        replace({ ...draft, baseVersion: latest });
        setRefusal(undefined);
      },
      save: (onSaved) => {
        setRefusal(undefined);
        mutate(draft, { onSuccess: onSaved });
      },
      isSaving: isPending,
      error: refusal?.error,
      faults: refusal?.faults ?? noFaults,
      otherFaults: refusal?.rest ?? [],
    };
  }, [draft, latest, mayEdit, refusal, isPending, mutate, setDraft, removeDraft]);
  return <DraftContext value={control}>{props.children}</DraftContext>;
}

interface Refusal {
  error: Error;
  faults: ReadonlyMap<string, ItemFault[]>;
  rest: string[];
}
const noFaults: ReadonlyMap<string, ItemFault[]> = new Map();

/** Undefined once nothing that was refused is left. */
function withoutFaults(refusal: Refusal, id: string): Refusal | undefined {
  const faults = new Map(refusal.faults);
  if (!faults.delete(id)) return refusal;
  return faults.size === 0 && refusal.rest.length === 0 ? undefined : { ...refusal, faults };
}

/** What another version of this page wrote, or a person, may be anything. */
function readDraft(text: string | undefined): Draft {
  try {
    return draftSchema.parse(JSON.parse(text ?? ''));
  } catch {
    return emptyDraft;
  }
}
