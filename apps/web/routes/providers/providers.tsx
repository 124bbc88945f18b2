import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { KeyRound, PencilLine, Plug, Plus, Trash2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { Provider } from '#libs/contracts';
import { Empty } from '../../components/empty.tsx';
import { MoreRows } from '../../components/more-rows.tsx';
import { PlainTable, type PlainColumn } from '../../components/plain-table.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { ScreenHead } from '../../components/screen-head.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { formatCompact } from '../../format/numbers.ts';
import { providerListQuery } from '../../queries/providers.ts';
import { useMay } from '../../queries/session.ts';
import { kindName } from './kinds.ts';
import { ProviderForm } from './provider-form.tsx';
import { RemoveProvider } from './remove-provider.tsx';
import { Secrets } from './secrets.tsx';
import { TestProvider } from './test-provider.tsx';
import { usesProvider } from './used-by.ts';
import { Users } from './users.tsx';
import styles from './providers.module.css';

const route = getRouteApi('/app/settings/providers');

/** Where models are, with which key they are asked, and the secrets that headers may name. */
export function Providers() {
  const { edit } = route.useSearch();
  const navigate = route.useNavigate();
  const mayChange = useMay('admin');
  const mayTest = useMay('editor');
  const list = useInfiniteQuery(providerListQuery);
  const rows = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data]);
  const [testing, setTesting] = useState<Provider>();
  const [removing, setRemoving] = useState<Provider>();
  const show = (edit: string | undefined): void => void navigate({ search: { edit } });
  const edited = rows.find(({ name }) => name === edit);
  const add = mayChange && (
    <Button size="xs" leftSection={<Plus size={14} aria-hidden />} onClick={() => show('new')}>
      Add a provider
    </Button>
  );
  return (
    <>
      <ScreenHead
        title="Providers and secrets"
        about="A provider is a place where models are, with a key and limits that all runs share. Targets, judges and embeddings name one."
      >
        {rows.length > 0 && add}
      </ScreenHead>
      {list.isPending ? (
        <SkeletonRows rows={5} label="Loading the providers" />
      ) : list.isError && rows.length === 0 ? (
        <ProblemPanel
          error={list.error}
          doing="load the providers"
          onRetry={() => void list.refetch()}
        />
      ) : rows.length === 0 ? (
        <Empty title="No provider yet">
          <p>
            {mayChange
              ? 'With one, runs can ask models, and judges can score. Its key is encrypted as soon as it arrives.'
              : 'An admin of the project adds them.'}
          </p>
          {add}
        </Empty>
      ) : (
        <>
          <PlainTable
            label="Providers"
            columns={columns({ mayChange, mayTest, setTesting, setRemoving, edit: show })}
            rows={rows}
            rowId={({ id }) => id}
          />
          <MoreRows list={list} shown={rows.length} noun="providers" />
        </>
      )}
      <Secrets mayChange={mayChange} />
      {mayChange && (edit === 'new' || edited) && (
        <ProviderForm key={edit} provider={edited} onClose={() => show(undefined)} />
      )}
      {testing && <TestProvider provider={testing} onClose={() => setTesting(undefined)} />}
      {removing && <RemoveProvider provider={removing} onClose={() => setRemoving(undefined)} />}
    </>
  );
}

const columns = (given: {
  mayChange: boolean;
  mayTest: boolean;
  setTesting: (provider: Provider) => void;
  setRemoving: (provider: Provider) => void;
  edit: (name: string) => void;
}): PlainColumn<Provider>[] => [
  {
    id: 'name',
    header: 'Name',
    names: true,
    cell: ({ name, kind, baseUrl }) => (
      <>
        {name}
        <div className={styles.soft}>
          {kindName(kind)}
          {baseUrl !== null && ` at ${baseUrl}`}
        </div>
      </>
    ),
  },
  {
    id: 'key',
    header: 'Key',
    cell: ({ hasCredentials, credentialsUpdatedAt }) =>
      hasCredentials && credentialsUpdatedAt !== null ? (
        <span className={styles.key}>
          <KeyRound size={13} aria-hidden /> set <RelativeTime at={credentialsUpdatedAt} />
        </span>
      ) : (
        'none'
      ),
  },
  { id: 'limits', header: 'Limits', cell: limitsInWords },
  { id: 'prices', header: 'Prices', cell: pricesInWords },
  {
    id: 'users',
    header: 'Used by',
    cell: ({ name }) => <Users uses={(run) => usesProvider(run, name)} />,
  },
  {
    id: 'actions',
    header: '',
    cell: (provider) => (
      <div className={styles.actions}>
        {given.mayTest && (
          <Button
            variant="default"
            size="compact-xs"
            leftSection={<Plug size={12} aria-hidden />}
            aria-label={`Test ${provider.name}`}
            onClick={() => given.setTesting(provider)}
          >
            Test
          </Button>
        )}
        {given.mayChange && (
          <>
            <Button
              variant="default"
              size="compact-xs"
              leftSection={<PencilLine size={12} aria-hidden />}
              aria-label={`Change ${provider.name}`}
              onClick={() => given.edit(provider.name)}
            >
              Change
            </Button>
            <Button
              variant="subtle"
              color="gray"
              size="compact-xs"
              leftSection={<Trash2 size={12} aria-hidden />}
              aria-label={`Delete ${provider.name}`}
              onClick={() => given.setRemoving(provider)}
            >
              Delete
            </Button>
          </>
        )}
      </div>
    ),
  },
];

function limitsInWords({ requestsPerMinute, tokensPerMinute, maxConcurrency }: Provider): string {
  const parts = [
    requestsPerMinute === null ? '' : `${formatCompact(requestsPerMinute)} requests/min`,
    tokensPerMinute === null ? '' : `${formatCompact(tokensPerMinute)} tokens/min`,
    maxConcurrency === null ? '' : `${formatCompact(maxConcurrency)} at a time`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'none of ours' : parts.join(', ');
}

function pricesInWords({ prices }: Provider): string {
  const models = Object.keys(prices);
  const [first] = models;
  if (first === undefined) return 'list prices';
  return models.length === 1 ? `own for ${first}` : `own for ${models.length} models`;
}
