import { ActionIcon, Button, Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Bookmark, ChevronDown, PencilLine, Trash2 } from 'lucide-react';
import { useRef, useState, type RefObject } from 'react';
import type { RunView } from '#libs/contracts';
import { ProblemPanel } from '../../../components/problem.tsx';
import { useMay } from '../../../queries/session.ts';
import { runViewsQuery } from '../../../queries/run-views.ts';
import { canonical, runsSearch, type RunsSearch } from '../search.ts';
import { builtIn } from './built-in.ts';
import { DeleteView, SaveView } from './edit-view.tsx';
import styles from './views.module.css';

/** What is often looked at: views that every project has, and those that its people saved. */
export function Views({ search }: { search: RunsSearch }) {
  const mayWrite = useMay('editor');
  const { data: saved = [], error, refetch } = useQuery(runViewsQuery);
  const [asked, setAsked] = useState<'save' | 'rename' | 'delete'>();
  const menu = useRef<HTMLButtonElement>(null);
  const now = canonical(search);
  const isShown = (other: RunsSearch): boolean => canonical(other) === now;
  const current = saved.find((view) => isShown(runsSearch.parse(view.search)));
  const isKnown = current !== undefined || builtIn.some((view) => isShown(view.search));
  const all: { key: string; name: string; search: RunsSearch }[] = [
    ...builtIn.map((view) => ({ ...view, key: view.name })),
    ...saved.map(({ id, name, search: stored }) => ({
      key: id,
      name,
      search: runsSearch.parse(stored),
    })),
  ];
  return (
    <div className={styles.views}>
      <nav aria-label="Views" className={styles.list}>
        {all.map((view) => (
          <Link
            key={view.key}
            to="/runs"
            search={view.search}
            className={styles.view}
            activeProps={{}}
            aria-current={isShown(view.search) ? 'page' : undefined}
            data-shown={isShown(view.search) || undefined}
          >
            {view.name}
          </Link>
        ))}
      </nav>
      {mayWrite && !isKnown && (
        <Button
          ref={menu}
          size="compact-xs"
          variant="subtle"
          leftSection={<Bookmark size={13} aria-hidden />}
          onClick={() => setAsked('save')}
        >
          Save as a view
        </Button>
      )}
      {mayWrite && current && (
        <Menu position="bottom-end" shadow="md" withinPortal={false}>
          <Menu.Target>
            <ActionIcon
              ref={menu}
              variant="subtle"
              color="gray"
              size="sm"
              aria-label={`The view ${current.name}`}
              title="Rename or delete this view"
            >
              <ChevronDown size={14} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              leftSection={<PencilLine size={14} aria-hidden />}
              onClick={() => setAsked('rename')}
            >
              Rename the view
            </Menu.Item>
            <Menu.Item
              leftSection={<Trash2 size={14} aria-hidden />}
              onClick={() => setAsked('delete')}
            >
              Delete the view
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      {error && (
        <ProblemPanel error={error} doing="load the saved views" onRetry={() => void refetch()} />
      )}
      <Dialogs
        asked={asked}
        saved={saved}
        current={current}
        search={search}
        returnTo={menu}
        onClose={() => setAsked(undefined)}
      />
    </div>
  );
}

function Dialogs(props: {
  asked: 'save' | 'rename' | 'delete' | undefined;
  saved: RunView[];
  current: RunView | undefined;
  search: RunsSearch;
  returnTo: RefObject<HTMLButtonElement | null>;
  onClose: () => void;
}) {
  const { asked, saved, current, search, returnTo, onClose } = props;
  const common = { returnTo, onClose };
  if (asked === 'save') return <SaveView {...common} saved={saved} search={search} />;
  if (current && asked === 'rename') {
    return <SaveView {...common} saved={saved} search={search} renamed={current} />;
  }
  return current && asked === 'delete' ? <DeleteView {...common} view={current} /> : null;
}
