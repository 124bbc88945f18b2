import { Button, Menu, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ListFilter, Search } from 'lucide-react';
import { useRef, useState } from 'react';
import { useSlash } from '../../../components/use-slash.ts';
import { runFacetsQuery } from '../../../queries/runs.ts';
import { isFiltered, withoutFilters, type RunsSearch } from '../search.ts';
import { fieldNames, filterFields, inWords, type FilterField } from './fields.ts';
import { FilterChip } from './filter-chip.tsx';
import styles from './filters.module.css';

/** The filters of the list as chips, and how to add one. */
export function FilterBar({
  search,
  onChange,
}: {
  search: RunsSearch;
  onChange: (search: RunsSearch) => void;
}) {
  const { data: facets } = useQuery(runFacetsQuery);
  const [opened, setOpened] = useState<FilterField>();
  const field = useRef<HTMLInputElement>(null);
  const add = useRef<HTMLButtonElement>(null);
  useSlash(field);
  const isSet = (one: FilterField): boolean => inWords(one, search, facets) !== undefined;
  const shown = filterFields.filter((one) => isSet(one) || one === opened);
  return (
    <>
      <TextInput
        ref={field}
        size="xs"
        type="search"
        className={styles.search}
        aria-label="Search the runs by name"
        placeholder="Search names ( / )"
        leftSection={<Search size={14} aria-hidden />}
        value={search.q ?? ''}
        onChange={({ currentTarget: { value } }) =>
          onChange({ ...search, q: value === '' ? undefined : value })
        }
      />
      {shown.map((one) => (
        <FilterChip
          key={one}
          field={one}
          search={search}
          facets={facets}
          opened={one === opened}
          onOpened={(open) => {
            setOpened(open ? one : undefined);
            // A filter that says nothing goes, and the focus would go with it.
            if (!open && !isSet(one)) add.current?.focus();
          }}
          onChange={onChange}
        />
      ))}
      <Menu position="bottom-start" shadow="md" withinPortal={false} returnFocus={false}>
        <Menu.Target>
          <Button
            ref={add}
            variant="default"
            size="xs"
            leftSection={<ListFilter size={14} aria-hidden />}
          >
            Filter
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {filterFields.map((one) => (
            <Menu.Item key={one} onClick={() => setOpened(one)}>
              {fieldNames[one]}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {isFiltered(search) && (
        <button
          type="button"
          className={styles.clear}
          onClick={() => {
            onChange(withoutFilters(search));
            field.current?.focus();
          }}
        >
          Clear
        </button>
      )}
    </>
  );
}
