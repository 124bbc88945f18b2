import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useCallback, useEffect } from 'react';
import type { Prompt } from '#libs/contracts';
import { DeletedFilter } from '../../components/deleted-filter.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { RowLink } from '../../components/row-action.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { columnsOf, VirtualTable, type Columns } from '../../components/virtual-table.tsx';
import { formatCount } from '../../format/numbers.ts';
import { promptsQuery } from '../../queries/prompts.ts';
import { useMay } from '../../queries/session.ts';
import styles from './prompts.module.css';

const route = getRouteApi('/app/prompts');
const column = columnsOf<Prompt>();

const columns: Columns<Prompt> = [
  column.display({
    id: 'name',
    header: 'Prompt',
    cell: ({ row: { original: prompt } }) => (
      <>
        <RowLink to="/prompts/$promptId" params={{ promptId: prompt.id }}>
          {prompt.name}
        </RowLink>
        {prompt.description !== null && <p className={styles.about}>{prompt.description}</p>}
      </>
    ),
  }),
  column.display({
    id: 'text',
    header: 'Text of the latest version',
    cell: ({ row }) => <span className={styles.text}>{beginningOf(row.original)}</span>,
  }),
  column.display({
    id: 'version',
    header: 'Version',
    cell: ({ row }) => (
      <span className="numeric">
        <span className={styles.narrow}>version </span>
        {row.original.latest.version}
      </span>
    ),
  }),
  column.display({
    id: 'variables',
    header: 'Names',
    cell: ({ row }) => <code>{row.original.latest.variables.join(', ') || '–'}</code>,
  }),
  column.display({
    id: 'changed',
    header: 'Changed',
    cell: ({ row }) => <RelativeTime at={row.original.latest.createdAt} />,
  }),
];

function beginningOf({ latest: { content } }: Prompt): string {
  const text =
    'text' in content ? content.text : content.messages.map(({ content }) => content).join(' ');
  return text.slice(0, 200);
}

/** The prompts of the project, each with its versions behind it. */
export function Prompts() {
  const { deleted = false } = route.useSearch();
  const navigate = route.useNavigate();
  const mayWrite = useMay('editor');
  useEffect(() => {
    document.title = 'Prompts · LLM-Eval';
  }, []);
  return (
    <>
      <div className={styles.top}>
        <h1>Prompts</h1>
        <DeletedFilter
          deleted={deleted}
          onChange={(deleted) =>
            void navigate({ search: deleted ? { deleted } : {}, replace: true })
          }
        />
        {mayWrite && (
          <Button
            renderRoot={(root) => <Link to="/prompts/new" {...root} />}
            size="xs"
            className={styles.new}
            leftSection={<Plus size={14} aria-hidden />}
          >
            New prompt
          </Button>
        )}
      </div>
      <List deleted={deleted} />
    </>
  );
}

function List({ deleted }: { deleted: boolean }) {
  const list = useInfiniteQuery(promptsQuery(deleted));
  const { hasNextPage, isFetching, fetchNextPage } = list;
  const more = useCallback(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  const prompts = list.data?.pages.flatMap(({ items }) => items) ?? [];
  if (list.isPending) return <SkeletonRows rows={8} label="Loading the prompts" />;
  if (list.isError) {
    return (
      <ProblemPanel
        error={list.error}
        doing="load the prompts"
        onRetry={() => void list.refetch()}
      />
    );
  }
  if (prompts.length === 0) {
    return (
      <div className={styles.none}>
        {deleted ? (
          <p>No prompt is deleted.</p>
        ) : (
          <p>
            No prompts yet. A prompt that is kept here has versions that never change, so that runs
            can be compared by what they asked. A run keeps the text that it used in any case.
          </p>
        )}
      </div>
    );
  }
  return (
    <>
      <VirtualTable
        label="Prompts, newest first"
        columns={columns}
        rows={prompts}
        rowId={({ id }) => id}
        tracks="minmax(11rem, 1.2fr) minmax(14rem, 2.4fr) 4.5rem minmax(9rem, 1.2fr) 6rem"
        className={styles.table}
        total={hasNextPage ? -1 : prompts.length}
        estimatedRowHeight={52}
        onNearEnd={more}
      />
      <p className={styles.end}>
        {hasNextPage ? 'Loading older ones…' : `${formatCount(prompts.length)} in all`}
      </p>
    </>
  );
}
