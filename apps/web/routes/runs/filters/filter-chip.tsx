import { Popover, Skeleton } from '@mantine/core';
import { X } from 'lucide-react';
import { lazy, Suspense } from 'react';
import type { RunFacets } from '#libs/contracts';
import { runsSearch, type RunsSearch } from '../search.ts';
import { ChooseCreated } from './choose-created.tsx';
import { ChooseMany } from './choose-many.tsx';
import { fieldNames, inWords, optionsOf, without, type FilterField } from './fields.ts';
import styles from './filters.module.css';

// Loaded when it is asked for: fields for numbers are large.
const ChooseMean = lazy(async () => ({ default: (await import('./choose-mean.tsx')).ChooseMean }));

/** One filter: what it says, which opens to be changed, and a button that removes it. */
export function FilterChip(props: {
  field: FilterField;
  search: RunsSearch;
  facets: RunFacets | undefined;
  opened: boolean;
  onOpened: (opened: boolean) => void;
  onChange: (search: RunsSearch) => void;
}) {
  const { field, search, facets, opened, onOpened, onChange } = props;
  const name = fieldNames[field];
  const words = inWords(field, search, facets);
  const remove = (): void => {
    onOpened(false);
    onChange(without(field, search));
  };
  return (
    <span className={styles.chip}>
      <Popover
        opened={opened}
        onChange={onOpened}
        position="bottom-start"
        width={280}
        shadow="md"
        trapFocus
        returnFocus
        withinPortal={false}
      >
        <Popover.Target>
          <button
            type="button"
            className={styles.open}
            title={words}
            onClick={() => onOpened(!opened)}
            onKeyDown={(event) => {
              if (event.key === 'Delete' || event.key === 'Backspace') remove();
            }}
          >
            <span className={styles.field}>{name}</span>
            <span className={styles.words}>{words ?? '…'}</span>
          </button>
        </Popover.Target>
        <Popover.Dropdown aria-label={`Filter: ${name}`}>
          <Editor {...props} />
        </Popover.Dropdown>
      </Popover>
      <button
        type="button"
        className={styles.remove}
        aria-label={`Remove the filter ${name}`}
        title="Remove"
        onClick={remove}
      >
        <X size={13} aria-hidden />
      </button>
    </span>
  );
}

function Editor(props: {
  field: FilterField;
  search: RunsSearch;
  facets: RunFacets | undefined;
  onOpened: (opened: boolean) => void;
  onChange: (search: RunsSearch) => void;
}) {
  const { field, search, facets, onOpened, onChange } = props;
  if (field === 'mean') {
    return (
      <Suspense fallback={<Skeleton height={150} />}>
        <ChooseMean
          metrics={facets?.metrics ?? []}
          chosen={search.mean ?? []}
          onChange={(mean) => {
            onChange({ ...search, mean });
            onOpened(false);
          }}
        />
      </Suspense>
    );
  }
  if (field === 'created') {
    return (
      <ChooseCreated chosen={search} onChange={(created) => onChange({ ...search, ...created })} />
    );
  }
  return (
    <ChooseMany
      label={fieldNames[field]}
      options={optionsOf(field, facets)}
      chosen={search[field] ?? []}
      free={field === 'model' || field === 'tag'}
      // Parsed, so that each field gets what it may have.
      onChange={(chosen) => onChange(runsSearch.parse({ ...search, [field]: chosen }))}
    />
  );
}
