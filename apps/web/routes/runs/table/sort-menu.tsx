import { Button, Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ArrowUpDown } from 'lucide-react';
import { runFacetsQuery } from '../../../queries/runs.ts';
import { orderOf, type RunsSearch } from '../search.ts';
import styles from './menus.module.css';

type Order = Pick<RunsSearch, 'sort' | 'metric' | 'order'>;

const orders: { label: string; order: Order }[] = [
  { label: 'Newest first', order: {} },
  { label: 'Oldest first', order: { order: 'asc' } },
  { label: 'Last ended first', order: { sort: 'finished' } },
  { label: 'Longest first', order: { sort: 'duration' } },
  { label: 'Shortest first', order: { sort: 'duration', order: 'asc' } },
  { label: 'Name, A to Z', order: { sort: 'name' } },
  { label: 'Name, Z to A', order: { sort: 'name', order: 'desc' } },
];
const ofMetric = (metric: string): { label: string; order: Order }[] => [
  { label: `${metric}, highest first`, order: { sort: 'mean', metric } },
  { label: `${metric}, lowest first`, order: { sort: 'mean', metric, order: 'asc' } },
];

const same = (a: Order, b: Order): boolean => {
  const [one, other] = [orderOf(a), orderOf(b)];
  return one.sort === other.sort && one.metric === other.metric && one.order === other.order;
};

/** In which order the list is. */
export function SortMenu({
  search,
  onSort,
}: {
  search: RunsSearch;
  onSort: (order: Order) => void;
}) {
  const { data } = useQuery(runFacetsQuery);
  const metrics = [
    ...new Set([...(data?.metrics ?? []), ...(search.metric ? [search.metric] : [])]),
  ];
  const all = [...orders, ...metrics.flatMap(ofMetric)];
  const current = all.find(({ order }) => same(order, search));
  const item = ({ label, order }: { label: string; order: Order }) => (
    <Menu.RadioItem
      key={label}
      value={label}
      checked={label === current?.label}
      closeMenuOnClick
      onChange={() => onSort(order)}
    >
      {label}
    </Menu.RadioItem>
  );
  return (
    // It scrolls where there are many metrics, so the keyboard must get into it.
    <Menu position="bottom-end" shadow="md" withinPortal={false} menuItemTabIndex={0}>
      <Menu.Target>
        <Button variant="default" size="xs" leftSection={<ArrowUpDown size={14} aria-hidden />}>
          <span className="visually-hidden">Order: </span>
          {current?.label ?? 'Other order'}
        </Button>
      </Menu.Target>
      <Menu.Dropdown className={styles.menu}>
        {orders.map(item)}
        {metrics.length > 0 && <Menu.Divider />}
        {metrics.length > 0 && <Menu.Label>Final means of completed runs</Menu.Label>}
        {metrics.flatMap(ofMetric).map(item)}
      </Menu.Dropdown>
    </Menu>
  );
}
