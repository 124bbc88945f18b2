import { Button, Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Columns3 } from 'lucide-react';
import { runFacetsQuery } from '../../../queries/runs.ts';
import { choosable, columnsFor, defaultColumns } from './columns.tsx';
import styles from './menus.module.css';

/** Which columns there are. */
export function ColumnMenu({
  chosen = defaultColumns,
  onChoose,
}: {
  chosen: readonly string[] | undefined;
  onChoose: (columns: string[] | undefined) => void;
}) {
  const { data } = useQuery(runFacetsQuery);
  const shown = new Set(columnsFor(chosen).map(({ id }) => id));
  const toggle = (id: string): void =>
    onChoose([...shown].filter((one) => one !== id).concat(shown.has(id) ? [] : [id]));
  return (
    <Menu
      position="bottom-end"
      shadow="md"
      closeOnItemClick={false}
      withinPortal={false}
      // It scrolls, so the keyboard must get into it.
      menuItemTabIndex={0}
    >
      <Menu.Target>
        <Button variant="default" size="xs" leftSection={<Columns3 size={14} aria-hidden />}>
          Columns
        </Button>
      </Menu.Target>
      <Menu.Dropdown className={styles.menu}>
        {choosable(data?.metrics ?? []).map(({ id, label }) => (
          <Menu.CheckboxItem key={id} checked={shown.has(id)} onChange={() => toggle(id)}>
            {label}
          </Menu.CheckboxItem>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => onChoose(undefined)}>As they were at first</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
