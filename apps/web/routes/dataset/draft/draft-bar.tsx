import { Button, Group } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { PencilLine } from 'lucide-react';
import { useState } from 'react';
import type { Dataset } from '#libs/contracts';
import { useAnnounce } from '../../../components/announcer.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { ProblemPanel } from '../../../components/problem.tsx';
import { formatCount } from '../../../format/numbers.ts';
import { countsOf, type Draft } from './draft.ts';
import { useDraft } from './use-draft.tsx';
import styles from './draft-bar.module.css';

const route = getRouteApi('/app/datasets/$datasetId');

/** What the draft holds, at the foot of the page for as long as it holds anything. */
export function DraftBar({ dataset }: { dataset: Dataset }) {
  const { draft, isKept, set, discard, save, isSaving, error, faults, otherFaults } = useDraft();
  const { draft: reviewing } = route.useSearch();
  const navigate = route.useNavigate();
  const announce = useAnnounce();
  const [asking, setAsking] = useState(false);
  const count = draft.changes.length;
  if (count === 0) return null;
  const isBehind = draft.baseVersion !== dataset.latestVersion;
  const review = (shown: boolean): void =>
    void navigate({
      search: ({ raw }) => ({ raw, draft: shown ? true : undefined }),
      resetScroll: false,
    });
  const saveNow = (): void =>
    save(({ version }) => {
      announce(`Version ${version} is saved`);
      void navigate({ search: { view: 'versions', to: version }, resetScroll: true });
    });
  const next = (dataset.latestVersion ?? 0) + 1;
  return (
    <section className={styles.bar} aria-label="Draft">
      {isBehind ? (
        <Behind dataset={dataset} />
      ) : (
        error !== undefined && (
          <Refused error={error} faulty={faults.size} others={otherFaults} onRetry={saveNow} />
        )
      )}
      <div className={styles.line}>
        <PencilLine size={16} aria-hidden />
        <p>
          <strong>
            {formatCount(count)} {count === 1 ? 'change' : 'changes'}
            {draft.baseVersion === null ? '' : ` on version ${draft.baseVersion}`}:
          </strong>{' '}
          {inWords(draft)}.
          <span className={styles.where}>
            {isKept
              ? ' Kept in this browser until you save.'
              : ' Too large to be kept over a reload: save before you leave.'}
          </span>
        </p>
        <Group gap="xs" className={styles.actions}>
          <Button variant="default" size="xs" onClick={() => review(reviewing !== true)}>
            {reviewing === true ? 'Show all items' : 'Review'}
          </Button>
          <Button variant="default" size="xs" onClick={() => setAsking(true)}>
            Discard
          </Button>
          <Button size="xs" disabled={set === undefined || isBehind || isSaving} onClick={saveNow}>
            {isSaving ? 'Saving…' : `Save as version ${next}`}
          </Button>
        </Group>
      </div>
      {asking && (
        <Dialog title="Discard the draft?" size="26rem" onClose={() => setAsking(false)}>
          <p>
            {formatCount(count)} {count === 1 ? 'change is' : 'changes are'} thrown away for good.
            The versions of the dataset stay as they are.
          </p>
          <Group justify="flex-end" gap="xs" mt="md">
            <Button variant="default" data-autofocus onClick={() => setAsking(false)}>
              Keep the draft
            </Button>
            <Button
              color="red"
              onClick={() => {
                discard();
                setAsking(false);
                review(false);
                announce('The draft is discarded');
              }}
            >
              Discard it
            </Button>
          </Group>
        </Dialog>
      )}
    </section>
  );
}

function inWords(draft: Draft): string {
  const { added, changed, removed } = countsOf(draft);
  const parts = [
    added > 0 ? `${formatCount(added)} added` : '',
    changed > 0 ? `${formatCount(changed)} changed` : '',
    removed > 0 ? `${formatCount(removed)} removed` : '',
  ].filter((part) => part !== '');
  return parts.join(', ');
}

/** Another version was made since the draft was begun. */
function Behind({ dataset }: { dataset: Dataset }) {
  const { draft, moveToLatest } = useDraft();
  const navigate = route.useNavigate();
  const { latestVersion } = dataset;
  return (
    <div className={styles.notice} role="alert">
      <p>
        This draft was begun on{' '}
        {draft.baseVersion === null ? 'an empty dataset' : `version ${draft.baseVersion}`}; by now
        version {latestVersion} is the latest. Items that the draft changes would replace those of
        version {latestVersion}.
      </p>
      <Group gap="xs">
        {draft.baseVersion !== null && latestVersion !== null && (
          <Button
            variant="default"
            size="xs"
            onClick={() =>
              void navigate({
                search: {
                  view: 'versions',
                  from: draft.baseVersion ?? undefined,
                  to: latestVersion,
                },
              })
            }
          >
            See what changed since
          </Button>
        )}
        <Button variant="default" size="xs" onClick={moveToLatest}>
          Go on from version {latestVersion}
        </Button>
      </Group>
    </div>
  );
}

/** Faults of items stand at the items; what belongs to none of them, here. */
function Refused(props: { error: Error; faulty: number; others: string[]; onRetry: () => void }) {
  const { error, faulty, others, onRetry } = props;
  if (faulty === 0) {
    return <ProblemPanel error={error} doing="save the draft" onRetry={onRetry} />;
  }
  return (
    <div className={styles.notice} role="alert">
      <p>
        Not saved: {faulty === 1 ? 'one item is' : `${formatCount(faulty)} items are`} not right
        yet. Open {faulty === 1 ? 'it' : 'them'} to see what is wrong with which field.
      </p>
      {others.length > 0 && (
        <ul>
          {others.map((fault) => (
            <li key={fault}>{fault}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
