import { Button, Group, TextInput } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { ArrowRightLeft, CircleCheck, Plus } from 'lucide-react';
import { useMemo, useState, type FormEvent } from 'react';
import { ApiError } from '#libs/sdk';
import type { Project } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Empty } from '../../components/empty.tsx';
import { MoreRows } from '../../components/more-rows.tsx';
import { PlainTable, type PlainColumn } from '../../components/plain-table.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { ScreenHead } from '../../components/screen-head.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { projectsQuery } from '../../queries/access.ts';
import { client } from '../../queries/client.ts';
import { workIn } from '../../queries/project.ts';
import { useSession } from '../../queries/session.ts';
import styles from '../keys/keys.module.css';
import own from './projects.module.css';

/** The projects of the instance, and the way from one to another. */
export function Projects() {
  const session = useSession();
  const list = useInfiniteQuery(projectsQuery);
  const rows = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data]);
  const [creating, setCreating] = useState(false);
  if (session?.instance !== true) {
    return (
      <>
        <ScreenHead title="Projects" />
        <Empty title={`Your key works in ${session?.project.name ?? 'one project'} only`}>
          <p>Projects are made, and switched between, with the admin key of the instance.</p>
        </Empty>
      </>
    );
  }
  return (
    <>
      <ScreenHead
        title="Projects"
        about="Runs, datasets, keys and providers belong to one project each, and nothing is shared between them but workers."
      >
        <Button
          size="xs"
          leftSection={<Plus size={14} aria-hidden />}
          onClick={() => setCreating(true)}
        >
          Create a project
        </Button>
      </ScreenHead>
      {list.isPending ? (
        <SkeletonRows rows={4} label="Loading the projects" />
      ) : list.isError && rows.length === 0 ? (
        <ProblemPanel
          error={list.error}
          doing="load the projects"
          onRetry={() => void list.refetch()}
        />
      ) : (
        <>
          <PlainTable
            label="Projects"
            columns={columns(session.project.id)}
            rows={rows}
            rowId={({ id }) => id}
          />
          <MoreRows list={list} shown={rows.length} noun="projects" />
        </>
      )}
      {creating && <CreateProject onClose={() => setCreating(false)} />}
    </>
  );
}

const columns = (current: string): PlainColumn<Project>[] => [
  { id: 'name', header: 'Name', names: true, cell: ({ name }) => name },
  { id: 'created', header: 'Created', cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
  { id: 'id', header: 'Id', cell: ({ id }) => <code>{id}</code> },
  {
    id: 'actions',
    header: '',
    cell: ({ id, name }) =>
      id === current ? (
        <span className={own.here}>
          <CircleCheck size={14} aria-hidden /> shown now
        </span>
      ) : (
        <Button
          variant="default"
          size="compact-xs"
          leftSection={<ArrowRightLeft size={12} aria-hidden />}
          aria-label={`Work in ${name}`}
          onClick={() => workIn(id)}
        >
          Work in it
        </Button>
      ),
  },
];

function CreateProject({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const [name, setName] = useState('');
  const create = useMutation({
    mutationFn: () => client.createProject({ body: { name: name.trim() } }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['projects'] });
      announce(`The project ${name.trim()} is made`);
      onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate();
  };
  const errors = create.error instanceof ApiError ? create.error.errors : [];
  const atName = errors.find(({ field }) => field === 'name')?.message;
  return (
    <Dialog title="Create a project" size="26rem" onClose={onClose}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <TextInput
          label="Name"
          autoComplete="off"
          data-autofocus
          value={name}
          error={atName}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        {create.isError && atName === undefined && (
          <ProblemPanel error={create.error} doing="create the project" />
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={create.isPending || name.trim() === ''}>
            {create.isPending ? 'Creating…' : 'Create it'}
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}
