import { Button, NativeSelect, TextInput } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { describeErrorClass } from '#libs/evaluation';
import { errorClasses } from '#libs/contracts';
import { queueNames } from '#libs/contracts';
import { MomentField } from './moment-field.tsx';
import type { OperationsSearch } from './search.ts';
import styles from './operations.module.css';

const route = getRouteApi('/app/operations');

/** What narrows the lists of failures; each list has those that it takes. */
export function FailureFilters({
  with: shown,
}: {
  with: readonly ('queue' | 'class' | 'run' | 'time')[];
}) {
  const { queue = 'batches', errorClass, runId, from, to } = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: Partial<OperationsSearch>): void =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  return (
    <div className={styles.filters}>
      {shown.includes('queue') && (
        <NativeSelect
          size="xs"
          label="Queue"
          value={queue}
          data={[...queueNames]}
          onChange={({ currentTarget: { value } }) =>
            set({ queue: queueNames.find((name) => name === value) })
          }
        />
      )}
      {shown.includes('class') && (
        <NativeSelect
          size="xs"
          label="Class of error"
          value={errorClass ?? ''}
          data={[
            { value: '', label: 'All' },
            ...errorClasses.map((value) => ({
              value,
              label: `${describeErrorClass(value).title} (${value})`,
            })),
          ]}
          onChange={({ currentTarget: { value } }) =>
            set({ errorClass: errorClasses.find((one) => one === value) })
          }
        />
      )}
      {shown.includes('time') && (
        <>
          <MomentField label="From" value={from} onChange={(value) => set({ from: value })} />
          <MomentField label="Before" value={to} onChange={(value) => set({ to: value })} />
        </>
      )}
      {shown.includes('run') && runId !== undefined && (
        <TextInput
          size="xs"
          label="Run"
          readOnly
          value={runId}
          w="21rem"
          rightSection={
            <Button
              variant="subtle"
              color="gray"
              size="compact-xs"
              aria-label="Show all runs"
              title="Show all runs"
              onClick={() => set({ runId: undefined })}
            >
              <X size={13} aria-hidden />
            </Button>
          }
        />
      )}
    </div>
  );
}
