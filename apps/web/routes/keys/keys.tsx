import { Button, Group, Radio, TextInput } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useMemo, useState, type FormEvent } from 'react';
import { ApiError } from '#libs/sdk';
import { roles, type ApiKey, type Role } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Empty } from '../../components/empty.tsx';
import { MoreRows } from '../../components/more-rows.tsx';
import { PlainTable, type PlainColumn } from '../../components/plain-table.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { ScreenHead } from '../../components/screen-head.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { keysQuery } from '../../queries/access.ts';
import { client } from '../../queries/client.ts';
import { useMay, useSession } from '../../queries/session.ts';
import styles from './keys.module.css';

const roleAbouts: Record<Role, string> = {
  viewer: 'Reads everything of the project: runs, items, datasets, comparisons.',
  editor: 'Also submits, changes and deletes runs, datasets, prompts and gates; for CI.',
  admin: 'Also manages keys, providers and secrets.',
};

/** Who may call the API in this project. */
export function Keys() {
  const mayManage = useMay('admin');
  const session = useSession();
  const list = useInfiniteQuery({ ...keysQuery, enabled: mayManage });
  const rows = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data]);
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey>();
  if (!mayManage) {
    return (
      <>
        <ScreenHead title="Keys" />
        <Empty title="Only admins of the project see its keys">
          <p>
            Yours is “{session?.keyName}”, {session?.role}. An admin can make another one for you.
          </p>
        </Empty>
      </>
    );
  }
  const add = (
    <Button
      size="xs"
      leftSection={<Plus size={14} aria-hidden />}
      onClick={() => setCreating(true)}
    >
      Create a key
    </Button>
  );
  return (
    <>
      <ScreenHead
        title="Keys"
        about={
          <>
            Programs send a key as <code>Authorization: Bearer</code>; people sign in with one. It
            works in the project {session?.project.name} only.
          </>
        }
      >
        {rows.length > 0 && add}
      </ScreenHead>
      {list.isPending ? (
        <SkeletonRows rows={5} label="Loading the keys" />
      ) : list.isError && rows.length === 0 ? (
        <ProblemPanel
          error={list.error}
          doing="load the keys"
          onRetry={() => void list.refetch()}
        />
      ) : rows.length === 0 ? (
        <Empty title="No key yet">
          <p>Give each person and each program one of its own, so that one can be revoked alone.</p>
          {add}
        </Empty>
      ) : (
        <>
          <PlainTable
            label="Keys of the project"
            columns={columns(setRevoking)}
            rows={rows}
            rowId={({ id }) => id}
          />
          <MoreRows list={list} shown={rows.length} noun="keys" />
        </>
      )}
      <section className={styles.roles} aria-labelledby="roles">
        <h2 id="roles">What a role may do</h2>
        <dl>
          {roles.map((role) => (
            <div key={role}>
              <dt>{role}</dt>
              <dd>{roleAbouts[role]}</dd>
            </div>
          ))}
        </dl>
        <p>
          The admin key of the instance (<code>LLM_EVAL_ADMIN_KEY</code>) is none of these: it works
          in every project, makes projects, and alone may touch queues and workers.
        </p>
      </section>
      {creating && <CreateKey onClose={() => setCreating(false)} />}
      {revoking && <RevokeKey apiKey={revoking} onClose={() => setRevoking(undefined)} />}
    </>
  );
}

const columns = (revoke: (key: ApiKey) => void): PlainColumn<ApiKey>[] => [
  { id: 'name', header: 'Name', names: true, cell: ({ name }) => name },
  { id: 'role', header: 'Role', cell: ({ role }) => role },
  { id: 'created', header: 'Created', cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
  { id: 'id', header: 'Id', cell: ({ id }) => <code>{id}</code> },
  {
    id: 'actions',
    header: '',
    cell: (key) => (
      <Button
        variant="default"
        size="compact-xs"
        aria-label={`Revoke ${key.name}`}
        onClick={() => revoke(key)}
      >
        Revoke…
      </Button>
    ),
  },
];

/** Asks for a name and a role, and then shows the key, this once. */
function CreateKey({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const create = useMutation({
    mutationFn: () => client.createKey({ body: { name: name.trim(), role } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate();
  };
  const errors = create.error instanceof ApiError ? create.error.errors : [];
  const atName = errors.find(({ field }) => field === 'name')?.message;
  if (create.data) return <NewKey created={create.data} onClose={onClose} />;
  return (
    <Dialog title="Create a key" size="30rem" onClose={onClose}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <TextInput
          label="Name"
          description="Whose it is, or what for"
          autoComplete="off"
          data-autofocus
          value={name}
          error={atName}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        <Radio.Group
          label="Role"
          value={role}
          onChange={(value) => setRole(roles.find((one) => one === value) ?? role)}
        >
          <div className={styles.radios}>
            {roles.map((one) => (
              <Radio key={one} value={one} label={one} description={roleAbouts[one]} size="sm" />
            ))}
          </div>
        </Radio.Group>
        {create.isError && atName === undefined && (
          <ProblemPanel error={create.error} doing="create the key" />
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

function NewKey({ created, onClose }: { created: ApiKey & { key: string }; onClose: () => void }) {
  return (
    <Dialog title={`The key “${created.name}”`} size="34rem" onClose={onClose}>
      <div className={styles.form}>
        <p>
          <strong>Copy it now: it is shown this once.</strong> Only its hash is kept, so nobody can
          look it up again; one that is lost is revoked and replaced.
        </p>
        <div className={styles.key}>
          <code>{created.key}</code>
          <CopyButton text={created.key} label="Copy the key" />
        </div>
        <Group justify="flex-end">
          <Button data-autofocus onClick={onClose}>
            I have copied it
          </Button>
        </Group>
      </div>
    </Dialog>
  );
}

function RevokeKey({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const session = useSession();
  const revoke = useMutation({
    mutationFn: () => client.revokeKey({ params: { id: apiKey.id } }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: keysQuery.queryKey });
      announce(`The key ${apiKey.name} is revoked`);
      onClose();
    },
  });
  const mayBeOwn = session?.instance === false && session.keyName === apiKey.name;
  return (
    <Confirm
      title={`Revoke “${apiKey.name}”?`}
      confirm="Revoke it for good"
      doing="revoke the key"
      pending={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    >
      <p>
        From now on every call with it is refused. Whoever is signed in with it is signed out, and
        their live connections end, on all replicas.
      </p>
      <p>Runs that were submitted with it go on, and stay.</p>
      {mayBeOwn && <p>You are signed in with a key of this name: it may sign you out.</p>}
    </Confirm>
  );
}
