import { Button, Menu } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { Check, Download, Link2 } from 'lucide-react';
import type { Comparison } from '#libs/contracts';
import { csvOf, download, rowsOf } from './export-text.ts';

/** Takes the comparison elsewhere: its link, or its numbers as a file. */
export function Export({ comparison }: { comparison: Comparison | undefined }) {
  const clipboard = useClipboard({ timeout: 1500 });
  const name = `comparison-${comparison?.id ?? ''}`;
  const isThere = comparison !== undefined && comparison.result !== null;
  return (
    <>
      <Button
        variant="default"
        size="xs"
        leftSection={
          clipboard.copied ? <Check size={14} aria-hidden /> : <Link2 size={14} aria-hidden />
        }
        onClick={() => clipboard.copy(window.location.href)}
      >
        {clipboard.copied ? 'Copied' : 'Copy link'}
      </Button>
      <Menu position="bottom-end" shadow="md" withinPortal={false}>
        <Menu.Target>
          <Button
            variant="default"
            size="xs"
            disabled={!isThere}
            leftSection={<Download size={14} aria-hidden />}
          >
            Export
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            onClick={() =>
              isThere &&
              download(`${name}.csv`, 'text/csv;charset=utf-8', csvOf(rowsOf(comparison)))
            }
          >
            The metrics as CSV
          </Menu.Item>
          <Menu.Item
            onClick={() =>
              isThere &&
              download(`${name}.json`, 'application/json', JSON.stringify(comparison, null, 2))
            }
          >
            All of it as JSON
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
