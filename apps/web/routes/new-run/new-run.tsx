import { Button, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import type { MetricDescription } from '#libs/contracts';
import { BackLink } from '../../components/back-link.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { fieldsOf, type Field } from '../../components/schema-form/schema.ts';
import { metricsQuery } from '../../queries/metrics.ts';
import { useSession } from '../../queries/session.ts';
import { begin } from './begin.ts';
import { emptyDraft, type Draft } from './draft.ts';
import { isUntouched, keep, readKept, type KeptDraft } from './kept-draft.ts';
import { RunForm } from './run-form.tsx';
import type { NewRunSearch } from './search.ts';
import styles from './new-run.module.css';

const route = getRouteApi('/app/runs/new');

/** Puts a run together, step by step, and submits it. */
export function NewRun() {
  const search = route.useSearch();
  const session = useSession();
  const metrics = useQuery(metricsQuery);
  useEffect(() => {
    document.title = 'New run · LLM-Eval';
  }, []);
  return (
    <>
      <BackLink to="/runs">All runs</BackLink>
      <h1 className={styles.title}>New run</h1>
      {metrics.data && session ? (
        <Begun
          key={session.project.id}
          projectId={session.project.id}
          search={search}
          metrics={metrics.data}
        />
      ) : metrics.isError ? (
        <ProblemPanel
          error={metrics.error}
          doing="load the metrics"
          onRetry={() => void metrics.refetch()}
        />
      ) : (
        <FormSkeleton />
      )}
    </>
  );
}

function Begun(props: { projectId: string; search: NewRunSearch; metrics: MetricDescription[] }) {
  const { projectId, search, metrics } = props;
  const navigate = useNavigate();
  const fieldsOfMetric = useFieldsOfMetric(metrics);
  const [kept, setKept] = useState(() => readKept(projectId));
  const entry = entryOf(search);
  // A draft that has begun from this address goes on; another address begins another one.
  const begins = entry !== '' && entry !== kept.entry;
  const start = useQuery({
    queryKey: ['new-run', entry],
    queryFn: ({ signal }) => begin(search, fieldsOfMetric, signal),
    enabled: begins,
    gcTime: 0,
    staleTime: Infinity,
  });
  if (begins && start.data) {
    const { data: draft } = start;
    setKept({ draft, entry, ...(!isUntouched(kept.draft) && { before: kept.draft }) });
  }
  useEffect(() => {
    if (!begins) keep(projectId, kept);
  }, [begins, projectId, kept]);

  if (begins && start.isError) {
    return (
      <ProblemPanel
        error={start.error}
        doing="begin with what the address names"
        onRetry={() => void start.refetch()}
      />
    );
  }
  if (begins) return <FormSkeleton />;
  const startOver = (draft: Draft): void => {
    setKept({
      draft,
      entry: '',
      ...(!isUntouched(kept.draft) && draft !== kept.before && { before: kept.draft }),
    });
    void navigate({ to: '/runs/new', search: {}, replace: true });
  };
  return (
    <>
      <Beginning kept={kept} onStartOver={startOver} />
      <RunForm
        projectId={projectId}
        metrics={metrics}
        fieldsOfMetric={fieldsOfMetric}
        draft={kept.draft}
        onChange={(change) => setKept((before) => ({ ...before, draft: change(before.draft) }))}
      />
    </>
  );
}

/** Where the draft comes from, and the way back to the one before it. */
function Beginning(props: { kept: KeptDraft; onStartOver: (draft: Draft) => void }) {
  const { kept, onStartOver } = props;
  const { before, draft, entry } = kept;
  const clone = new URLSearchParams(entry).get('clone');
  if (!before && isUntouched(draft)) {
    return <p className={styles.intro}>A dataset, what answers it, and how answers are scored.</p>;
  }
  return (
    <p className={styles.intro}>
      {clone !== null && (
        <>
          Begun like{' '}
          <Link to="/runs/$runId" params={{ runId: clone }}>
            an earlier run
          </Link>
          .{' '}
        </>
      )}
      What you enter is kept in this tab.{' '}
      <Button variant="default" size="compact-xs" onClick={() => onStartOver(emptyDraft)}>
        Start over
      </Button>{' '}
      {before && (
        <Button variant="default" size="compact-xs" onClick={() => onStartOver(before)}>
          Back to the draft before
        </Button>
      )}
    </p>
  );
}

const entryOf = (search: NewRunSearch): string =>
  new URLSearchParams(
    Object.entries(search).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as [string, string]],
    ),
  ).toString();

function useFieldsOfMetric(
  metrics: readonly MetricDescription[],
): (metric: string) => readonly Field[] | undefined {
  return useMemo(() => {
    const known = new Map(metrics.map(({ name, config }) => [name, fieldsOf(config)]));
    return (metric) => known.get(metric);
  }, [metrics]);
}

function FormSkeleton() {
  return (
    <div aria-busy="true" className={styles.skeleton}>
      <span className="visually-hidden">Loading the form</span>
      <Skeleton height={180} />
      <Skeleton height={280} />
      <Skeleton height={140} />
    </div>
  );
}
