import { Group, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useEffect, useRef } from 'react';
import { isFinal } from '#libs/evaluation';
import type { Run } from '#libs/contracts';
import { runQuery } from '../../queries/runs.ts';
import { BackLink } from '../../components/back-link.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { useConnection, useRunLive } from '../../live/live.tsx';
import { Actions } from './actions.tsx';
import { CompareWithBaseline } from './compare-with-baseline.tsx';
import { DeletedRunHint } from './deleted-hint.tsx';
import { EditMenu } from './edit-menu.tsx';
import { Errors } from './errors.tsx';
import { Gates } from './gates.tsx';
import { Items } from './items.tsx';
import { Metrics } from './metrics.tsx';
import { RunHeader } from './run-header.tsx';
import { RunSkeleton } from './run-skeleton.tsx';
import { noItemFilter, type RunSearch } from './search.ts';
import { Settings } from './settings.tsx';
import { ShowItemsContext } from './show-items.ts';
import { Slices } from './slices/slices.tsx';
import { Stopped } from './stopped.tsx';
import { useAnnounceProgress } from './use-announce-progress.ts';
import styles from './run.module.css';

const route = getRouteApi('/app/runs/$runId');

export function RunPage() {
  const { runId } = route.useParams();
  const connection = useConnection();
  const query = useQuery({
    ...runQuery(runId),
    // Live numbers come by themselves; cost and tokens come only from here.
    refetchInterval: ({ state }) => {
      if (!state.data || isFinal(state.data.state)) return false;
      return connection === 'live' ? 5_000 : 2_000;
    },
  });
  return (
    <>
      <BackLink to="/runs">All runs</BackLink>
      {query.data ? (
        <Shown key={runId} run={query.data} error={query.isError ? query.error : undefined} />
      ) : query.isError ? (
        <>
          <h1 className="visually-hidden">Run</h1>
          <ProblemPanel
            error={query.error}
            doing="load this run"
            onRetry={() => void query.refetch()}
          />
        </>
      ) : (
        <RunSkeleton />
      )}
    </>
  );
}

function Shown({ run: answered, error }: { run: Run; error: unknown }) {
  const run = useRunLive(answered);
  const { view } = route.useSearch();
  const navigate = route.useNavigate();
  const items = useRef<HTMLDivElement>(null);
  useAnnounceProgress(run);
  useEffect(() => {
    document.title = `${run.name} · LLM-Eval`;
  }, [run.name]);
  const showItems = useCallback(
    async (filter: RunSearch) => {
      await navigate({
        search: (before) => ({
          ...before,
          ...noItemFilter,
          detail: undefined,
          view: undefined,
          ...filter,
        }),
        resetScroll: false,
      });
      items.current?.focus({ preventScroll: true });
      items.current?.scrollIntoView({ block: 'start' });
    },
    [navigate],
  );
  return (
    <ShowItemsContext value={showItems}>
      <RunHeader
        run={run}
        actions={
          <Group gap="xs" className={styles.actions}>
            {run.deletedAt === null && <CompareWithBaseline run={run} />}
            {run.deletedAt === null && <Actions run={run} />}
            {run.deletedAt === null && <EditMenu run={run} />}
          </Group>
        }
      />
      {run.deletedAt !== null && <DeletedRunHint run={run} at={run.deletedAt} />}
      {error !== undefined && <ProblemPanel error={error} doing="look for news of this run" />}
      {run.state === 'failed' && <Stopped run={run} />}
      <Gates run={run} />
      <Metrics run={run} />
      <Errors run={run} />
      <Tabs
        ref={items}
        tabIndex={-1}
        value={view ?? 'items'}
        keepMounted={false}
        className={styles.tabs}
        onChange={(value) =>
          void navigate({
            search: (before) => ({
              ...before,
              view: value === 'settings' || value === 'slices' ? value : undefined,
            }),
            replace: true,
            resetScroll: false,
          })
        }
      >
        <Tabs.List aria-label="Parts of the run">
          <Tabs.Tab value="items">Items</Tabs.Tab>
          <Tabs.Tab value="slices">Slices</Tabs.Tab>
          <Tabs.Tab value="settings">Settings</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="items" tabIndex={-1}>
          <Items run={run} />
        </Tabs.Panel>
        <Tabs.Panel value="slices">
          <Slices run={run} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <Settings run={run} />
        </Tabs.Panel>
      </Tabs>
    </ShowItemsContext>
  );
}
