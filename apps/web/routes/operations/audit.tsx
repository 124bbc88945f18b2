import { NativeSelect } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { auditActions, type AuditEvent } from '#libs/contracts';
import { CopyButton } from '../../components/copy-button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Empty } from '../../components/empty.tsx';
import { MoreRows } from '../../components/more-rows.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { RowButton } from '../../components/row-action.tsx';
import { Scrollable } from '../../components/scrollable.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { columnsOf, VirtualTable, type Columns } from '../../components/virtual-table.tsx';
import { formatExact } from '../../format/time.ts';
import { projectNamesQuery } from '../../queries/access.ts';
import { auditQuery } from '../../queries/operations.ts';
import { MomentField } from './moment-field.tsx';
import type { OperationsSearch } from './search.ts';
import styles from './operations.module.css';
import lists from './lists.module.css';

const route = getRouteApi('/app/operations');
const column = columnsOf<AuditEvent>();

/** Who did what, newest first; nothing in it is ever changed. */
export function Audit() {
  const { action, from, to } = route.useSearch();
  const navigate = route.useNavigate();
  const which = { action, from, to };
  const list = useInfiniteQuery(auditQuery(which));
  const projects = useQuery(projectNamesQuery);
  const [open, setOpen] = useState<AuditEvent>();
  const rows = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data]);
  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = list;
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetching && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetching, isFetchNextPageError, fetchNextPage]);
  const set = (change: Partial<OperationsSearch>): void =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const names = projects.data;
  const columns = useMemo(
    () =>
      columnsFor(
        (projectId) => names?.find(({ id }) => id === projectId)?.name ?? projectId,
        setOpen,
      ),
    [names, setOpen],
  );
  return (
    <>
      <div className={styles.filters}>
        <NativeSelect
          size="xs"
          label="What was done"
          value={action ?? ''}
          data={[{ value: '', label: 'Everything' }, ...auditActions]}
          onChange={({ currentTarget: { value } }) =>
            set({ action: auditActions.find((one) => one === value) })
          }
        />
        <MomentField label="From" value={from} onChange={(value) => set({ from: value })} />
        <MomentField label="Before" value={to} onChange={(value) => set({ to: value })} />
      </div>
      {list.isPending ? (
        <SkeletonRows rows={12} label="Loading the audit log" />
      ) : list.isError && rows.length === 0 ? (
        <ProblemPanel
          error={list.error}
          doing="load the audit log"
          onRetry={() => void list.refetch()}
        />
      ) : rows.length === 0 ? (
        <Empty title="Nothing was done">
          <p>
            Keys, projects, providers and secrets that are made, changed or removed, deletions, and
            every act on queues and failures stand here, with who did it and from where.
          </p>
        </Empty>
      ) : (
        <>
          <VirtualTable
            key={JSON.stringify(which)}
            label="Audit log, newest first"
            columns={columns}
            rows={rows}
            rowId={({ id }) => id}
            tracks="9.5rem minmax(8rem, 1fr) minmax(10rem, 2fr) minmax(7rem, 1fr) 9rem 6.5rem"
            className={lists.table}
            total={hasNextPage ? -1 : rows.length}
            estimatedRowHeight={37}
            onNearEnd={loadMore}
          />
          <MoreRows list={list} shown={rows.length} noun="entries" />
        </>
      )}
      {open && <Event event={open} onClose={() => setOpen(undefined)} />}
    </>
  );
}

const columnsFor = (
  nameOf: (projectId: string) => string,
  show: (event: AuditEvent) => void,
): Columns<AuditEvent> => [
  column.display({
    id: 'main',
    header: 'What',
    cell: ({ row }) => (
      <RowButton onClick={() => show(row.original)}>{row.original.action}</RowButton>
    ),
  }),
  column.display({
    id: 'class',
    header: 'Key',
    cell: ({ row }) => row.original.keyName,
  }),
  column.display({
    id: 'more',
    header: 'Of what',
    cell: ({ row: { original: event } }) => (
      <span title={event.target ?? undefined}>{subjectOf(event)}</span>
    ),
  }),
  column.display({
    id: 'project',
    header: 'Project',
    cell: ({ row: { original: event } }) =>
      event.projectId === null ? 'the instance' : nameOf(event.projectId),
  }),
  column.display({
    id: 'address',
    header: 'From',
    cell: ({ row }) => row.original.address,
  }),
  column.display({
    id: 'time',
    header: 'When',
    cell: ({ row }) => <RelativeTime at={row.original.at} />,
  }),
];

/** Its name where the log has one, since an id says little. */
function subjectOf({ details, target }: AuditEvent): string {
  const { name } = details;
  return typeof name === 'string' ? name : (target ?? '–');
}

function Event({ event, onClose }: { event: AuditEvent; onClose: () => void }) {
  const json = JSON.stringify(event.details, null, 2);
  return (
    <Dialog title={event.action} size="36rem" onClose={onClose}>
      <dl className={lists.details}>
        <dt>When</dt>
        <dd>{formatExact(event.at)}</dd>
        <dt>Key</dt>
        <dd>
          {event.keyName} <code>{event.keyId}</code>
        </dd>
        <dt>From</dt>
        <dd>{event.address}</dd>
        <dt>Of what</dt>
        <dd>{event.target ?? '–'}</dd>
        <dt>Project</dt>
        <dd>{event.projectId ?? 'the instance'}</dd>
        <dt>Request</dt>
        <dd>
          <code>{event.requestId}</code>{' '}
          <CopyButton text={event.requestId} label="Copy the request id" />
        </dd>
      </dl>
      {json !== '{}' && (
        <Scrollable label="Details" className={styles.code}>
          <pre>{json}</pre>
        </Scrollable>
      )}
    </Dialog>
  );
}
