import { Button, Group, Select } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ListPlus, Plus } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { itemFilter, type AddReviewItems, type EvaluationItem, type Run } from '#libs/contracts';
import { Dialog } from '../../../components/dialog.tsx';
import { ProblemPanel } from '../../../components/problem.tsx';
import { formatCount } from '../../../format/numbers.ts';
import { client } from '../../../queries/client.ts';
import { reviewKeys, reviewQueueNamesQuery } from '../../../queries/reviews.ts';
import type { ItemFilter } from '../../../queries/runs.ts';
import { useMay } from '../../../queries/session.ts';
import { Added } from '../../review/added.tsx';
import { readSample, SampleField, type SampleDraft } from '../../review/sample-field.tsx';
import { QueueForm } from '../../reviews/queue-form.tsx';
import styles from '../../review/add-items.module.css';

/** Which items of the run: those with these places, or those that a filter takes. */
type Which = Pick<AddReviewItems, 'nos' | 'filter'>;

/** Only completed items are reviewed, in random order: these say nothing then. */
const reviewable = itemFilter.omit({ sort: true, status: true, errorClass: true });

/** As many as one call takes. */
const mostSelected = 1_000;

/** The button that gives items of a run to people, for who may. */
export function ReviewButton(props: {
  run: Run;
  filter: ItemFilter;
  /** In place of those that the filter takes, where there are any. */
  selected: readonly EvaluationItem[];
}) {
  const { run, filter, selected } = props;
  const mayEdit = useMay('editor');
  const [which, setWhich] = useState<Which>();
  // What failed has no output to score.
  const isOffered = mayEdit && run.done > run.failed && filter.status !== 'failed';
  if (!isOffered) return null;
  return (
    <>
      <Button
        variant="default"
        size="compact-xs"
        leftSection={<ListPlus size={13} aria-hidden />}
        disabled={selected.length > mostSelected}
        title={
          selected.length > mostSelected
            ? `At most ${formatCount(mostSelected)} selected ones at once`
            : undefined
        }
        onClick={() =>
          setWhich(
            selected.length > 0
              ? { nos: selected.map(({ no }) => no) }
              : { filter: reviewable.parse(filter) },
          )
        }
      >
        Add to a review queue
      </Button>
      {which && <AddToReview run={run} which={which} onClose={() => setWhich(undefined)} />}
    </>
  );
}

/** Gives items of a run to people, in a queue that is there or a new one. */
export function AddToReview(props: { run: Run; which: Which; onClose: () => void }) {
  const { run, which, onClose } = props;
  const queries = useQueryClient();
  const queues = useQuery(reviewQueueNamesQuery);
  const [queueId, setQueueId] = useState<string | null>(null);
  const [isCreating, setCreating] = useState(false);
  const isFiltered = Object.values(which.filter ?? {}).some((value) => value !== undefined);
  const [sample, setSample] = useState<SampleDraft>({ isOn: !isFiltered, count: '50' });
  const count = which.nos ? 'all' : readSample(sample);
  const add = useMutation({
    mutationFn: (id: string) =>
      client.addReviewItems({
        params: { id },
        body: { runId: run.id, ...which, ...(typeof count === 'number' && { sample: count }) },
      }),
    onSuccess: (_, id) => {
      void queries.invalidateQueries({ queryKey: reviewKeys.one(id) });
      void queries.invalidateQueries({ queryKey: reviewKeys.lists });
    },
  });
  if (isCreating) {
    return (
      <QueueForm
        onClose={() => setCreating(false)}
        onCreated={({ id }) => {
          setQueueId(id);
          setCreating(false);
        }}
      />
    );
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (queueId !== null && count !== undefined && !add.isPending) add.mutate(queueId);
  };
  return (
    <Dialog title="Add to a review queue" size="32rem" onClose={onClose}>
      {add.isSuccess ? (
        <Added answer={add.data} onClose={onClose} />
      ) : (
        <form className={styles.form} onSubmit={submit} noValidate>
          <p>{whichInWords(run, which, isFiltered)}</p>
          {queues.isError ? (
            <ProblemPanel
              error={queues.error}
              doing="load the queues"
              onRetry={() => void queues.refetch()}
            />
          ) : (
            <Group gap="xs" align="flex-end" wrap="nowrap">
              <Select
                label="Queue"
                placeholder={queues.data?.length === 0 ? 'There is none yet' : 'Choose one'}
                required
                searchable
                flex={1}
                data-autofocus
                openOnFocus={false}
                nothingFoundMessage="No queue has this in its name"
                data={(queues.data ?? []).map(({ id, name, items }) => ({
                  value: id,
                  label: `${name} (${formatCount(items)})`,
                }))}
                value={queueId}
                onChange={setQueueId}
              />
              <Button
                variant="default"
                leftSection={<Plus size={14} aria-hidden />}
                onClick={() => setCreating(true)}
              >
                New queue
              </Button>
            </Group>
          )}
          {which.filter && <SampleField draft={sample} onChange={setSample} />}
          <p className={styles.note}>
            What is in the queue already stays where it is. Items are shown to people in random
            order.
          </p>
          {add.isError && <ProblemPanel error={add.error} doing="add to this queue" />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              disabled={queueId === null || count === undefined || add.isPending}
            >
              {add.isPending ? 'Adding…' : 'Add them'}
            </Button>
          </Group>
        </form>
      )}
    </Dialog>
  );
}

function whichInWords(run: Run, { nos }: Which, isFiltered: boolean): string {
  if (nos)
    return `${formatCount(nos.length)} ${nos.length === 1 ? 'item' : 'items'} of ${run.name}`;
  return isFiltered
    ? `The completed items of ${run.name} that the filters take`
    : `The ${formatCount(run.done - run.failed)} completed items of ${run.name}`;
}
