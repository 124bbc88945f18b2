import { Button, Group, PasswordInput, TextInput } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Plus, RotateCw, Trash2 } from 'lucide-react';
import { useMemo, useState, type FormEvent } from 'react';
import { ApiError } from '#libs/sdk';
import type { Secret } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Empty } from '../../components/empty.tsx';
import { MoreRows } from '../../components/more-rows.tsx';
import { PlainTable, type PlainColumn } from '../../components/plain-table.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { client } from '../../queries/client.ts';
import { secretListQuery } from '../../queries/providers.ts';
import { usesSecret } from './used-by.ts';
import { Users } from './users.tsx';
import styles from './providers.module.css';

/** The secrets of the project by name; their values go in and never come out. */
export function Secrets({ mayChange }: { mayChange: boolean }) {
  const list = useInfiniteQuery(secretListQuery);
  const rows = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data]);
  /** `new`, or the one that gets another value. */
  const [writing, setWriting] = useState<Secret | 'new'>();
  const [removing, setRemoving] = useState<Secret>();
  return (
    <section className={styles.secrets} aria-labelledby="secrets">
      <div className={styles.secretsHead}>
        <h2 id="secrets">Secrets</h2>
        {mayChange && (
          <Button
            variant="default"
            size="xs"
            leftSection={<Plus size={14} aria-hidden />}
            onClick={() => setWriting('new')}
          >
            Add a secret
          </Button>
        )}
      </div>
      <p>
        Headers of HTTP targets name one as <code>{'{{ secrets.NAME }}'}</code>. Whoever may submit
        runs can have it sent to an address of their choice.
      </p>
      {list.isPending ? (
        <SkeletonRows rows={3} label="Loading the secrets" />
      ) : list.isError && rows.length === 0 ? (
        <ProblemPanel
          error={list.error}
          doing="load the secrets"
          onRetry={() => void list.refetch()}
        />
      ) : rows.length === 0 ? (
        <Empty title="No secret yet">
          <p>An endpoint that wants a token gets it from a secret, so that no run shows it.</p>
        </Empty>
      ) : (
        <>
          <PlainTable
            label="Secrets"
            columns={columns({ mayChange, setWriting, setRemoving })}
            rows={rows}
            rowId={({ id }) => id}
          />
          <MoreRows list={list} shown={rows.length} noun="secrets" />
        </>
      )}
      {writing !== undefined && (
        <WriteSecret
          secret={writing === 'new' ? undefined : writing}
          onClose={() => setWriting(undefined)}
        />
      )}
      {removing && <RemoveSecret secret={removing} onClose={() => setRemoving(undefined)} />}
    </section>
  );
}

const columns = (given: {
  mayChange: boolean;
  setWriting: (secret: Secret) => void;
  setRemoving: (secret: Secret) => void;
}): PlainColumn<Secret>[] => [
  { id: 'name', header: 'Name', names: true, cell: ({ name }) => <code>{name}</code> },
  { id: 'value', header: 'Value set', cell: ({ updatedAt }) => <RelativeTime at={updatedAt} /> },
  {
    id: 'users',
    header: 'Used by',
    cell: ({ name }) => <Users uses={(run) => usesSecret(run, name)} />,
  },
  {
    id: 'actions',
    header: '',
    cell: (secret) =>
      given.mayChange && (
        <div className={styles.actions}>
          <Button
            variant="default"
            size="compact-xs"
            leftSection={<RotateCw size={12} aria-hidden />}
            aria-label={`Replace the value of ${secret.name}`}
            onClick={() => given.setWriting(secret)}
          >
            Replace
          </Button>
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            leftSection={<Trash2 size={12} aria-hidden />}
            aria-label={`Delete ${secret.name}`}
            onClick={() => given.setRemoving(secret)}
          >
            Delete
          </Button>
        </div>
      ),
  },
];

function WriteSecret({ secret, onClose }: { secret: Secret | undefined; onClose: () => void }) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const [name, setName] = useState(secret?.name ?? '');
  const [value, setValue] = useState('');
  const save = useMutation({
    mutationFn: () =>
      secret
        ? client.updateSecret({ params: { id: secret.id }, body: { value } })
        : client.createSecret({ body: { name: name.trim(), value } }),
    onSuccess: (saved) => {
      void queries.invalidateQueries({ queryKey: ['secrets'] });
      announce(`The secret ${saved.name} is kept`);
      onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  const errors = save.error instanceof ApiError ? save.error.errors : [];
  const faultOf = (field: string): string | undefined =>
    errors.find((error) => error.field === field)?.message;
  const placed =
    errors.length > 0 && errors.every(({ field }) => field === 'name' || field === 'value');
  return (
    <Dialog
      title={secret ? `Replace ${secret.name}` : 'Add a secret'}
      size="28rem"
      onClose={onClose}
    >
      <form className={styles.test} onSubmit={submit} noValidate>
        {!secret && (
          <TextInput
            label="Name"
            description="Letters, digits and _"
            autoComplete="off"
            spellCheck={false}
            data-autofocus
            value={name}
            error={faultOf('name')}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
        )}
        <PasswordInput
          label={secret ? 'New value' : 'Value'}
          description={
            secret
              ? 'Calls use it from the next one on. The value before is gone.'
              : 'Encrypted as soon as it arrives, and never shown again.'
          }
          autoComplete="off"
          data-autofocus={secret !== undefined || undefined}
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the value' }}
          value={value}
          error={faultOf('value')}
          onChange={({ currentTarget }) => setValue(currentTarget.value)}
        />
        {save.isError && !placed && <ProblemPanel error={save.error} doing="keep the secret" />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={save.isPending || value === '' || name.trim() === ''}>
            {save.isPending ? 'Saving…' : secret ? 'Replace it' : 'Add the secret'}
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}

function RemoveSecret({ secret, onClose }: { secret: Secret; onClose: () => void }) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const remove = useMutation({
    mutationFn: () => client.deleteSecret({ params: { id: secret.id } }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['secrets'] });
      announce(`The secret ${secret.name} is deleted`);
      onClose();
    },
  });
  return (
    <Confirm
      title={`Delete ${secret.name}?`}
      confirm="Delete it for good"
      doing="delete the secret"
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <p>
        Its value cannot be brought back. Items of runs whose headers name it fail until there is a
        secret of this name again.
      </p>
    </Confirm>
  );
}
