import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { formatCount } from '../format/numbers.ts';
import { chosenDatasetQuery, datasetChoicesQuery } from '../queries/dataset-choices.ts';
import { ProblemPanel } from './problem.tsx';
import styles from './dataset-select.module.css';

/**
 * Chooses a dataset by what is in its name; one without items cannot be chosen.
 * @param value its id; empty: none
 */
export function DatasetSelect(props: {
  label: string;
  value: string;
  onChange: (id: string) => void;
  required?: boolean | undefined;
  error?: string | undefined;
}) {
  const { label, value, onChange, required, error } = props;
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 200);
  const chosen = useQuery({ ...chosenDatasetQuery(value), enabled: value !== '' }).data;
  const query = useQuery(datasetChoicesQuery(search === chosen?.name ? '' : search));
  if (query.isError) {
    return (
      <ProblemPanel
        error={query.error}
        doing="load the datasets"
        onRetry={() => void query.refetch()}
      />
    );
  }
  const found = query.data ?? [];
  const known = [...(chosen ? [chosen] : []), ...found.filter(({ id }) => id !== chosen?.id)];
  const aboutOf = (id: string): string => {
    const dataset = known.find((one) => one.id === id);
    if (!dataset || dataset.latestVersion === null) return 'no items yet';
    return `${formatCount(dataset.itemCount)} items, version ${dataset.latestVersion}`;
  };
  return (
    <Select
      size="xs"
      label={label}
      placeholder="Search by name"
      searchable
      withAsterisk={required === true}
      clearable={required !== true}
      comboboxProps={{ withinPortal: false }}
      nothingFoundMessage="No dataset has this in its name"
      error={error}
      maxDropdownHeight={300}
      // The server has looked through the names already.
      filter={({ options }) => options}
      onSearchChange={setTyped}
      value={value === '' ? null : value}
      data={known.map(({ id, name, latestVersion }) => ({
        value: id,
        label: name,
        disabled: latestVersion === null,
      }))}
      renderOption={({ option }) => (
        <span className={styles.option}>
          <span>{option.label}</span>
          <span className={styles.about}>{aboutOf(option.value)}</span>
        </span>
      )}
      onChange={(id) => onChange(id ?? '')}
    />
  );
}
