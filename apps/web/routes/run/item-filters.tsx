import { Button, NativeSelect, SegmentedControl, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { getRouteApi } from '@tanstack/react-router';
import { Search, X } from 'lucide-react';
import { useState } from 'react';
import { describeErrorClass } from '#libs/evaluation';
import type { Run } from '#libs/contracts';
import { noItemFilter, type RunSearch } from './search.ts';
import { SliceSelect } from './slices/slice-select.tsx';
import styles from './item-filters.module.css';

const route = getRouteApi('/app/runs/$runId');

/** Which items are shown, and in which order; all of it in the address. */
export function ItemFilters({ run }: { run: Run }) {
  const {
    status,
    errorClass,
    metric,
    sort,
    min,
    max,
    passed,
    category,
    search,
    sliceBy,
    sliceValue,
  } = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: Partial<RunSearch>): void =>
    void navigate({
      search: (before) => ({ ...before, item: undefined, ...change }),
      replace: true,
      resetScroll: false,
    });
  const names = run.metrics.map(({ name }) => name);
  const failures = run.errors
    .filter(({ class: one, items }) => items > 0 || one === errorClass)
    .map(({ class: one }) => one);

  const isFiltered = [status, errorClass, metric, min, max, passed, category, search, sliceBy].some(
    (value) => value !== undefined,
  );
  return (
    <fieldset className={styles.filters}>
      <legend className="visually-hidden">Filter the items</legend>
      <SearchText value={search} onChange={(search) => set({ search })} />
      <SegmentedControl
        size="xs"
        aria-label="Status"
        data={[
          { value: 'any', label: 'All' },
          { value: 'completed', label: 'Completed' },
          { value: 'failed', label: 'Failed' },
        ]}
        value={status ?? 'any'}
        onChange={(value) =>
          set({
            status: value === 'completed' || value === 'failed' ? value : undefined,
            errorClass: value === 'failed' ? errorClass : undefined,
          })
        }
      />
      {(failures.length > 0 || errorClass !== undefined) && (
        <NativeSelect
          size="xs"
          aria-label="Error"
          value={errorClass ?? ''}
          data={[
            { value: '', label: 'Any error' },
            ...failures.map((value) => ({ value, label: describeErrorClass(value).title })),
          ]}
          onChange={({ currentTarget: { value } }) => {
            const chosen = failures.find((one) => one === value);
            set({ errorClass: chosen, status: chosen === undefined ? status : 'failed' });
          }}
        />
      )}
      <NativeSelect
        size="xs"
        aria-label="Metric"
        value={metric ?? ''}
        data={[
          { value: '', label: 'Any metric' },
          ...names.map((name) => ({ value: name, label: name })),
        ]}
        onChange={({ currentTarget: { value } }) =>
          set(
            value === ''
              ? { ...noScore, metric: undefined, sort: undefined }
              : { ...noScore, metric: value },
          )
        }
      />
      <NativeSelect
        size="xs"
        aria-label="Verdict"
        disabled={metric === undefined}
        title={metric === undefined ? 'Choose a metric first' : undefined}
        value={passed === undefined ? '' : passed ? 'passed' : 'not'}
        data={[
          { value: '', label: 'Passed or not' },
          { value: 'passed', label: 'Passed' },
          { value: 'not', label: 'Not passed' },
        ]}
        onChange={({ currentTarget: { value } }) =>
          set({ passed: value === '' ? undefined : value === 'passed' })
        }
      />
      <NativeSelect
        size="xs"
        aria-label="Order"
        value={metric === undefined ? 'position' : (sort ?? 'position')}
        data={[
          { value: 'position', label: 'In the order of the dataset' },
          { value: 'worst', label: 'Worst first' },
          { value: 'best', label: 'Best first' },
        ]}
        onChange={({ currentTarget: { value } }) =>
          set({
            sort: value === 'worst' || value === 'best' ? value : undefined,
            // An order by score needs a metric.
            metric: metric ?? (value === 'position' ? undefined : names[0]),
          })
        }
      />
      <Bound label="Lowest score" value={min} disabled={!metric} onChange={(min) => set({ min })} />
      <Bound
        label="Highest score"
        value={max}
        disabled={!metric}
        onChange={(max) => set({ max })}
      />
      <SliceSelect
        run={run}
        by={sliceBy}
        value={sliceValue}
        onChange={(by, value) => set({ sliceBy: by, sliceValue: value })}
      />
      {category !== undefined && (
        <Taken name={`Category ${category}`} onRemove={() => set({ category: undefined })} />
      )}
      {isFiltered && (
        <Button variant="subtle" size="compact-xs" onClick={() => set(noItemFilter)}>
          Clear filters
        </Button>
      )}
    </fieldset>
  );
}

const noScore = { min: undefined, max: undefined, passed: undefined, category: undefined };

/** A filter that comes from elsewhere on the page, and can be taken away here. */
function Taken({ name, onRemove }: { name: string; onRemove: () => void }) {
  return (
    <Button
      variant="default"
      size="xs"
      rightSection={<X size={13} aria-hidden />}
      aria-label={`${name}: take this filter away`}
      onClick={onRemove}
    >
      {name}
    </Button>
  );
}

/** Looks once there is a pause in the typing, or at Enter. */
function SearchText({
  value,
  onChange,
}: {
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  const [typed, setTyped] = useState(value ?? '');
  const tell = useDebouncedCallback(onChange, 500);
  const asked = (text: string): string | undefined => (text.trim() === '' ? undefined : text);
  return (
    <TextInput
      size="xs"
      type="search"
      className={styles.search}
      aria-label="Search in keys, inputs, expected values and outputs"
      placeholder="Search in input, expected, output"
      leftSection={<Search size={13} aria-hidden />}
      maxLength={200}
      value={typed}
      onChange={({ currentTarget: { value: text } }) => {
        setTyped(text);
        tell(asked(text));
      }}
      onKeyDown={({ key }) => {
        if (key === 'Enter') tell.flush();
      }}
    />
  );
}

function Bound({
  label,
  value,
  disabled,
  onChange,
}: {
  label: string;
  value: number | undefined;
  disabled: boolean;
  onChange: (value: number | undefined) => void;
}) {
  const [typed, setTyped] = useState<string>();
  const tell = useDebouncedCallback((text: string) => {
    onChange(text === '' ? undefined : Number(text));
    setTyped(undefined);
  }, 400);
  const text = typed ?? value?.toString() ?? '';
  const wrong = text !== '' && !Number.isFinite(Number(text));
  return (
    <TextInput
      size="xs"
      className={styles.bound}
      aria-label={label}
      placeholder={label}
      inputMode="decimal"
      disabled={disabled}
      title={disabled ? 'Choose a metric first' : undefined}
      value={text}
      error={wrong}
      onChange={({ currentTarget: { value } }) => {
        setTyped(value);
        if (value === '' || Number.isFinite(Number(value))) tell(value);
        else tell.cancel();
      }}
    />
  );
}
