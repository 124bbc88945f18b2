import { Button, SegmentedControl } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Archive, ArchiveRestore, PencilLine, Plus } from 'lucide-react';
import type { HumanMetric } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { Empty } from '../../components/empty.tsx';
import { Guidelines } from '../../components/guidelines.tsx';
import { scaleInWords } from '../../components/human-values.ts';
import { PlainTable, type PlainColumn } from '../../components/plain-table.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { annotationKeys, humanMetricsQuery } from '../../queries/annotations.ts';
import { client } from '../../queries/client.ts';
import { HumanMetricForm } from './human-metric-form.tsx';
import styles from './reviews.module.css';

const route = getRouteApi('/app/reviews');

/** What people score outputs by. */
export function HumanMetrics({ mayWrite }: { mayWrite: boolean }) {
  const { archived = false, edit } = route.useSearch();
  const navigate = route.useNavigate();
  const metrics = useQuery(humanMetricsQuery(archived));
  const show = (id: string | undefined): void =>
    void navigate({ search: (before) => ({ ...before, edit: id }) });
  const add = mayWrite && (
    <Button size="xs" leftSection={<Plus size={14} aria-hidden />} onClick={() => show('new')}>
      Create a human metric
    </Button>
  );
  const rows = metrics.data ?? [];
  const isFirst = !archived && metrics.isSuccess && rows.length === 0;
  const edited = rows.find(({ id }) => id === edit);
  return (
    <>
      <div className={styles.bar}>
        <SegmentedControl
          size="xs"
          aria-label="Which are listed"
          value={archived ? 'archived' : 'used'}
          data={[
            { value: 'used', label: 'In use' },
            { value: 'archived', label: 'Archived' },
          ]}
          onChange={(value) =>
            void navigate({
              search: { view: 'metrics', archived: value === 'archived' || undefined },
            })
          }
        />
        {!isFirst && <span className={styles.end}>{add}</span>}
      </div>
      {metrics.isPending ? (
        <SkeletonRows rows={4} label="Loading the human metrics" />
      ) : metrics.isError ? (
        <ProblemPanel
          error={metrics.error}
          doing="load the human metrics"
          onRetry={() => void metrics.refetch()}
        />
      ) : rows.length > 0 ? (
        <PlainTable
          label="Human metrics, by name"
          columns={columns(mayWrite, show)}
          rows={rows}
          rowId={({ id }) => id}
        />
      ) : archived ? (
        <Empty title="No human metric is archived">
          <p>An archived one is offered to nobody any more; its scores stay.</p>
        </Empty>
      ) : (
        <Empty title="No human metric yet">
          <p>
            A human metric is one question that people answer of an output: “helpful?” with pass or
            fail, “tone” with a choice of categories, “quality” from 1 to 5.
          </p>
          {add}
        </Empty>
      )}
      {mayWrite && (edit === 'new' || edited) && (
        <HumanMetricForm key={edit} metric={edited} onClose={() => show(undefined)} />
      )}
    </>
  );
}

const columns = (mayWrite: boolean, edit: (id: string) => void): PlainColumn<HumanMetric>[] => [
  { id: 'name', header: 'Human metric', names: true, cell: ({ name }) => name },
  { id: 'scale', header: 'Values', cell: ({ scale }) => scaleInWords(scale) },
  {
    id: 'guidelines',
    header: 'Guidelines',
    cell: ({ name, guidelines }) =>
      guidelines === null ? (
        <span className={styles.soft}>none</span>
      ) : (
        <details className={styles.guidelines}>
          <summary>
            Show <span className="visually-hidden">those of {name}</span>
          </summary>
          <Guidelines text={guidelines} />
        </details>
      ),
  },
  ...(mayWrite
    ? [
        {
          id: 'actions',
          header: '',
          cell: (metric: HumanMetric) => <Actions metric={metric} onEdit={() => edit(metric.id)} />,
        },
      ]
    : []),
];

function Actions({ metric, onEdit }: { metric: HumanMetric; onEdit: () => void }) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const isArchived = metric.archivedAt !== null;
  const archive = useMutation({
    mutationFn: () =>
      client.updateHumanMetric({ params: { id: metric.id }, body: { archived: !isArchived } }),
    onSuccess: () => {
      announce(`${metric.name} is ${isArchived ? 'back in use' : 'archived'}`);
      void queries.invalidateQueries({ queryKey: annotationKeys.metrics });
    },
  });
  return (
    <>
      <div className={styles.actions}>
        {!isArchived && (
          <Button
            variant="default"
            size="compact-xs"
            leftSection={<PencilLine size={12} aria-hidden />}
            aria-label={`Change ${metric.name}`}
            onClick={onEdit}
          >
            Change
          </Button>
        )}
        <Button
          variant={isArchived ? 'default' : 'subtle'}
          color="gray"
          size="compact-xs"
          leftSection={
            isArchived ? (
              <ArchiveRestore size={12} aria-hidden />
            ) : (
              <Archive size={12} aria-hidden />
            )
          }
          aria-label={isArchived ? `Bring ${metric.name} back` : `Archive ${metric.name}`}
          disabled={archive.isPending}
          onClick={() => archive.mutate()}
        >
          {isArchived ? 'Bring back' : 'Archive'}
        </Button>
      </div>
      {archive.isError && <ProblemPanel error={archive.error} doing={`change ${metric.name}`} />}
    </>
  );
}
