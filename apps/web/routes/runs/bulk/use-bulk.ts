import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { runListLimits, type ChangeRuns, type Run, type RunChange } from '#libs/contracts';
import { useAnnounce } from '../../../components/announcer.tsx';
import { client } from '../../../queries/client.ts';
import { runKeys } from '../../../queries/runs.ts';
import type { RunList } from '../list/use-runs.ts';
import { outcomeInWords } from './in-words.ts';

/** An order, before it is known to which runs it is given. */
export type Order =
  | { action: 'tag'; add: string[]; remove: string[] }
  | { action: Exclude<ChangeRuns['action'], 'tag'> };

/** What became of an order. */
export interface Outcome {
  action: Order['action'];
  done: string[];
  /** Reasons of those that refused, each with the names of the runs. */
  refused: Map<string, string[]>;
}

/** Gives one order to many runs, and shows what became of it. */
export function useBulk({ ask, forget }: Pick<RunList, 'ask' | 'forget'>) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const [outcome, setOutcome] = useState<Outcome>();
  const mutation = useMutation({
    async mutationFn({ order, runs }: { order: Order; runs: readonly Run[] }) {
      const ids = runs.map(({ id }) => id);
      const changes: RunChange[] = [];
      for (let from = 0; from < ids.length; from += runListLimits.changed) {
        const runIds = ids.slice(from, from + runListLimits.changed);
        changes.push(...(await client.changeRuns({ body: { ...order, runIds } })).items);
      }
      return changes;
    },
    onMutate({ order, runs }) {
      setOutcome(undefined);
      // It is seen at once; what refuses comes back.
      const leaves = order.action === 'delete' || order.action === 'restore';
      if (leaves) forget(runs.map(({ id }) => id));
    },
    onSuccess(changes, { order, runs }) {
      const names = new Map(runs.map(({ id, name }) => [id, name]));
      const refused = new Map<string, string[]>();
      for (const { runId, refusal } of changes) {
        if (!refusal) continue;
        refused.set(refusal.detail, [
          ...(refused.get(refusal.detail) ?? []),
          names.get(runId) ?? runId,
        ]);
      }
      const done = changes.filter((change) => change.done).map(({ runId }) => runId);
      const became = { action: order.action, done, refused };
      setOutcome(became);
      announce(outcomeInWords(became));
    },
    onSettled(_changes, _error, { order, runs }) {
      ask(runs.map(({ id }) => id));
      void queries.invalidateQueries({ queryKey: runKeys.count('').slice(0, 2) });
      if (order.action === 'tag') void queries.invalidateQueries({ queryKey: runKeys.facets });
    },
  });
  return {
    give: (order: Order, runs: readonly Run[]) => mutation.mutate({ order, runs }),
    isPending: mutation.isPending,
    error: mutation.isError ? mutation.error : undefined,
    order: mutation.variables?.order,
    outcome,
    dismiss() {
      setOutcome(undefined);
      mutation.reset();
    },
    /** Takes a deletion back. */
    undo() {
      const deleted = mutation.variables?.runs.filter(({ id }) => outcome?.done.includes(id)) ?? [];
      mutation.mutate({ order: { action: 'restore' }, runs: deleted });
    },
  };
}
export type Bulk = ReturnType<typeof useBulk>;
