import { Button, Checkbox, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { useId, useState } from 'react';
import type { Run } from '#libs/contracts';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { RunStateLabel } from '../../components/run-state.tsx';
import { Scrollable } from '../../components/scrollable.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { formatScore } from '../../format/numbers.ts';
import { choosableRunsQuery } from '../../queries/comparisons.ts';
import { runQuery } from '../../queries/runs.ts';
import { targetInWords } from '../../components/target-in-words.ts';
import { useSetSearch } from './compared.ts';
import { letterOf, runIdsOf, runsMax, runsText } from './request.ts';
import styles from './choose.module.css';

const route = getRouteApi('/app/compare');

/** Where no two runs are named yet: what this page is for, and the runs to choose from. */
export function Choose() {
  return (
    <>
      <h1 className={styles.title}>Compare</h1>
      <p className={styles.lead}>
        Choose two runs or more, up to {runsMax}. The first one is the baseline; each other one is
        compared with it, item by item.
      </p>
      <Chooser action="Compare" />
    </>
  );
}

export function AddRuns({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Runs to compare" size="52rem" fills onClose={onClose}>
      <Chooser action="Compare" onDone={onClose} />
    </Dialog>
  );
}

/** A list of runs to mark. The order in which they are marked is theirs in the comparison. */
function Chooser({ action, onDone }: { action: string; onDone?: () => void }) {
  const { runs } = route.useSearch();
  const set = useSetSearch();
  const [chosen, setChosen] = useState(() => runIdsOf(runs));
  const [typed, setTyped] = useState('');
  const [elsewhere, setElsewhere] = useState(false);
  const hint = useId();
  const first = useQuery({ ...runQuery(chosen[0] ?? ''), enabled: chosen.length > 0 });
  // Runs of one dataset are what is mostly compared.
  const datasetId = chosen.length > 0 && !elsewhere ? first.data?.datasetId : undefined;
  const [name] = useDebouncedValue(typed.trim(), 200);
  const list = useInfiniteQuery({
    ...choosableRunsQuery({
      ...(datasetId !== undefined && { datasetId: [datasetId] }),
      ...(name !== '' && { name }),
    }),
    placeholderData: keepPreviousData,
  });
  const found = list.data?.pages.flatMap(({ items }) => items) ?? [];
  const toggle = (runId: string): void =>
    setChosen((before) =>
      before.includes(runId) ? before.filter((one) => one !== runId) : [...before, runId],
    );
  const isFull = chosen.length >= runsMax;
  const compare = (): void => {
    set({ runs: runsText(chosen), item: undefined, repeat: undefined }, { push: true });
    onDone?.();
  };
  return (
    <div className={styles.chooser}>
      <div className={styles.tools}>
        <TextInput
          size="xs"
          className={styles.search}
          aria-label="Search the runs"
          placeholder="A part of the name"
          data-autofocus
          leftSection={<Search size={14} aria-hidden />}
          value={typed}
          onChange={({ currentTarget: { value } }) => setTyped(value)}
        />
        {first.data && (
          <Checkbox
            size="xs"
            label={`Only of ${first.data.datasetName}`}
            checked={!elsewhere}
            onChange={({ currentTarget: { checked } }) => setElsewhere(!checked)}
          />
        )}
        <Button
          size="xs"
          className={styles.compare}
          disabled={chosen.length < 2}
          aria-describedby={hint}
          onClick={compare}
        >
          {action} {chosen.length >= 2 ? `${chosen.length} runs` : ''}
        </Button>
      </div>
      <p id={hint} className={styles.hint}>
        {hintFor(chosen.length)}
      </p>
      {list.isPending ? (
        <SkeletonRows rows={8} label="Loading the runs" />
      ) : list.isError && found.length === 0 ? (
        <ProblemPanel
          error={list.error}
          doing="load the runs"
          onRetry={() => void list.refetch()}
        />
      ) : found.length === 0 && !list.hasNextPage ? (
        <NoRuns searched={name !== '' || datasetId !== undefined} />
      ) : (
        <Scrollable label="Runs to choose from" className={styles.list}>
          <ul>
            {found.map((run) => (
              <Choice
                key={run.id}
                run={run}
                place={chosen.indexOf(run.id)}
                disabled={isFull}
                onToggle={() => toggle(run.id)}
              />
            ))}
          </ul>
          {list.hasNextPage && (
            <Button
              variant="subtle"
              size="xs"
              disabled={list.isFetchingNextPage}
              onClick={() => void list.fetchNextPage()}
            >
              Show older runs
            </Button>
          )}
        </Scrollable>
      )}
    </div>
  );
}

function hintFor(count: number): string {
  if (count === 0) return 'Mark the baseline first.';
  if (count === 1) return 'Now mark what to compare it with.';
  if (count >= runsMax) return `${count} runs are marked, which is as many as can be compared.`;
  return `${count} runs are marked, in the order in which they stand in the comparison.`;
}

interface ChoiceProps {
  run: Run;
  /** −1 where it is not marked. */
  place: number;
  disabled: boolean;
  onToggle: () => void;
}

function Choice({ run, place, disabled, onToggle }: ChoiceProps) {
  const isChosen = place >= 0;
  const means = run.summary
    .slice(0, 3)
    .map(({ name, mean }) => `${name} ${formatScore(mean)}`)
    .join(', ');
  return (
    <li>
      <label className={styles.choice} data-chosen={isChosen || undefined}>
        <input
          type="checkbox"
          checked={isChosen}
          disabled={disabled && !isChosen}
          onChange={onToggle}
        />
        <span className={styles.letter}>{isChosen ? letterOf(place) : ''}</span>
        <span className={styles.name}>{run.name}</span>
        <span className={styles.about}>
          {run.datasetName} v{run.datasetVersion} · {targetInWords(run.target)}
          {means !== '' && ` · ${means}`}
        </span>
        <span className={styles.end}>
          {run.state !== 'completed' && <RunStateLabel state={run.state} />}
          <RelativeTime at={run.createdAt} />
        </span>
      </label>
    </li>
  );
}

function NoRuns({ searched }: { searched: boolean }) {
  return (
    <p className={styles.none}>
      {searched ? (
        'No run matches.'
      ) : (
        <>
          There is no run to compare yet. <Link to="/runs">Runs</Link> says how the first ones are
          submitted.
        </>
      )}
    </p>
  );
}
