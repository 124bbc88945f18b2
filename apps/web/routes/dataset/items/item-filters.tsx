import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { SearchField } from '../../../components/search-field.tsx';
import { formatCount } from '../../../format/numbers.ts';
import { summaryQuery } from '../../../queries/datasets.ts';
import type { DatasetSearch } from '../search.ts';
import styles from './items.module.css';

const route = getRouteApi('/app/datasets/$datasetId');

/** Which items are shown; all of it in the address. */
export function ItemFilters({ datasetId, version }: { datasetId: string; version: number }) {
  const { q, split, tag } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: summary } = useQuery(summaryQuery(datasetId, version));
  const set = (change: Partial<DatasetSearch>): void =>
    void navigate({
      search: (before) => ({
        ...before,
        item: undefined,
        added: undefined,
        draft: undefined,
        ...change,
      }),
      replace: true,
      resetScroll: false,
    });
  const splits = (summary?.splits ?? []).flatMap(({ split: name, items }) =>
    name === null ? [] : [{ name, items }],
  );
  const tags = (summary?.tags ?? []).map(({ tag: name, items }) => ({ name, items }));
  return (
    <fieldset className={styles.filters}>
      <legend className="visually-hidden">Filter the items</legend>
      <SearchField
        label="Search key, input and expected"
        className={styles.search}
        value={q}
        onChange={(q) => set({ q })}
      />
      <Choice
        label="Split"
        all="Any split"
        chosen={split}
        known={splits}
        onChoose={(split) => set({ split })}
      />
      <Choice
        label="Tag"
        all="Any tag"
        chosen={tag}
        known={tags}
        onChoose={(tag) => set({ tag })}
      />
    </fieldset>
  );
}

/** Those that a version has, each with its count; nothing where it has none. */
function Choice(props: {
  label: string;
  all: string;
  chosen: string | undefined;
  known: { name: string; items: number }[];
  onChoose: (name: string | undefined) => void;
}) {
  const { label, all, chosen, known, onChoose } = props;
  if (known.length === 0 && chosen === undefined) return null;
  const isKnown = chosen === undefined || known.some(({ name }) => name === chosen);
  return (
    <NativeSelect
      size="xs"
      aria-label={label}
      value={chosen === undefined ? '' : `=${chosen}`}
      data={[
        { value: '', label: all },
        ...known.map(({ name, items }) => ({
          value: `=${name}`,
          label: `${name} (${formatCount(items)})`,
        })),
        ...(isKnown ? [] : [{ value: `=${chosen}`, label: chosen }]),
      ]}
      onChange={({ currentTarget: { value } }) =>
        onChoose(value === '' ? undefined : value.slice(1))
      }
    />
  );
}
