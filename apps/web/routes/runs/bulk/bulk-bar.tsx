import { Button, CloseButton } from '@mantine/core';
import { Ban, GitCompareArrows, RotateCcw, Tag, Trash2, Undo2 } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { comparisonLimits, type Run } from '#libs/contracts';
import { isFinal } from '#libs/evaluation';
import { PageLink } from '../../../components/page-link.tsx';
import { ProblemPanel } from '../../../components/problem.tsx';
import type { RowSelection } from '../../../components/row-selection.tsx';
import { Confirm } from './confirm.tsx';
import { countOf, doing, outcomeInWords } from './in-words.ts';
import type { Bulk } from './use-bulk.ts';
import styles from './bulk-bar.module.css';

// Loaded when it is asked for: fields for tags are large.
const TagDialog = lazy(async () => ({ default: (await import('./tag-dialog.tsx')).TagDialog }));

/** What can be done with the runs that are selected, and what became of what was done. */
export function BulkBar({
  selection,
  bulk,
  deleted,
}: {
  selection: RowSelection<Run>;
  bulk: Bulk;
  deleted: boolean;
}) {
  const { rows: runs } = selection;
  const { outcome, error, order } = bulk;
  if (runs.length === 0 && !outcome && error === undefined) return null;
  return (
    <section className={styles.bar} aria-label="Selected runs">
      {error !== undefined && order && <ProblemPanel error={error} doing={doing[order.action]} />}
      {outcome && <OutcomeLine bulk={bulk} />}
      {runs.length > 0 && <Orders selection={selection} bulk={bulk} deleted={deleted} />}
    </section>
  );
}

/** One run in all is the baseline, the others are compared with it. */
const comparable = comparisonLimits.candidates;

function Orders(props: { selection: RowSelection<Run>; bulk: Bulk; deleted: boolean }) {
  const { selection, bulk, deleted } = props;
  const { rows: runs } = selection;
  const [asked, setAsked] = useState<'tag' | 'cancel' | 'retry'>();
  const going = runs.filter(({ state }) => !isFinal(state));
  const failed = runs.filter(({ failed, state }) => failed > 0 || state === 'failed');
  // The oldest first: what came later is held against it.
  const ids = runs
    .toSorted((a, b) => a.createdAt.localeCompare(b.createdAt))
    .map(({ id }) => id)
    .join(',');
  const leave = (action: 'delete' | 'restore'): void => {
    bulk.give({ action }, runs);
    selection.none();
  };
  return (
    <div className={styles.line}>
      <p className={styles.count}>
        <span className="numeric">{countOf(runs.length)}</span> selected
      </p>
      {deleted ? (
        <Button
          size="xs"
          variant="default"
          leftSection={<Undo2 size={14} aria-hidden />}
          onClick={() => leave('restore')}
        >
          Restore
        </Button>
      ) : (
        <>
          {runs.length >= 2 && runs.length <= comparable && (
            <PageLink href={`/compare?runs=${ids}`} className={styles.compare}>
              <GitCompareArrows size={14} aria-hidden />
              Compare
            </PageLink>
          )}
          <Button
            size="xs"
            variant="default"
            leftSection={<Tag size={14} aria-hidden />}
            onClick={() => setAsked('tag')}
          >
            Tag
          </Button>
          <Button
            size="xs"
            variant="default"
            disabled={failed.length === 0}
            leftSection={<RotateCcw size={14} aria-hidden />}
            onClick={() => setAsked('retry')}
          >
            Retry failed
          </Button>
          <Button
            size="xs"
            variant="default"
            disabled={going.length === 0}
            leftSection={<Ban size={14} aria-hidden />}
            onClick={() => setAsked('cancel')}
          >
            Cancel
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<Trash2 size={14} aria-hidden />}
            onClick={() => leave('delete')}
          >
            Delete
          </Button>
        </>
      )}
      <CloseButton
        className={styles.end}
        aria-label="Select nothing"
        title="Select nothing (Esc)"
        onClick={selection.none}
      />
      {asked === 'tag' && (
        <Suspense>
          <TagDialog runs={runs} bulk={bulk} onClose={() => setAsked(undefined)} />
        </Suspense>
      )}
      {asked === 'cancel' && (
        <Confirm
          title={`Cancel ${countOf(going.length)}?`}
          action="Cancel them"
          keep="Keep them"
          onConfirm={() => bulk.give({ action: 'cancel' }, going)}
          onClose={() => setAsked(undefined)}
        >
          A canceled run never goes on. What is done stays, other items are not evaluated.
          {going.length < runs.length && ` The others are over already.`}
        </Confirm>
      )}
      {asked === 'retry' && (
        <Confirm
          title={`Retry what failed in ${countOf(failed.length)}?`}
          action="Retry"
          keep="Not now"
          onConfirm={() => bulk.give({ action: 'retry' }, failed)}
          onClose={() => setAsked(undefined)}
        >
          {itemsOf(failed)} are evaluated again, and runs that stopped early go on. What calls cost,
          they cost again.
        </Confirm>
      )}
    </div>
  );
}

function itemsOf(runs: readonly Run[]): string {
  const items = runs.reduce((sum, { failed }) => sum + failed, 0);
  return items === 1 ? 'One failed item' : `${items.toLocaleString('en')} failed items`;
}

function OutcomeLine({ bulk }: { bulk: Bulk }) {
  const { outcome } = bulk;
  if (!outcome) return null;
  return (
    <div className={styles.line}>
      <div className={styles.outcome}>
        <p>{outcomeInWords(outcome)}</p>
        {[...outcome.refused].map(([reason, names]) => (
          <p key={reason} className={styles.reason}>
            {names.length > 3 ? countOf(names.length) : names.join(', ')}: {reason}
          </p>
        ))}
      </div>
      {outcome.action === 'delete' && outcome.done.length > 0 && (
        <Button
          size="xs"
          variant="default"
          leftSection={<Undo2 size={14} aria-hidden />}
          disabled={bulk.isPending}
          onClick={() => bulk.undo()}
        >
          Undo
        </Button>
      )}
      <CloseButton
        className={styles.end}
        aria-label="Dismiss"
        title="Dismiss"
        onClick={() => bulk.dismiss()}
      />
    </div>
  );
}
