import { Button } from '@mantine/core';
import type { PromptVersion } from '#libs/contracts';
import { RelativeTime } from '../../components/relative-time.tsx';
import { Scrollable } from '../../components/scrollable.tsx';
import styles from './prompt.module.css';

/** The versions, newest first: each can be opened, and compared with the one that is open. */
export function Versions(props: {
  versions: readonly PromptVersion[];
  open: number;
  against: number | undefined;
  onOpen: (version: number) => void;
  onCompare: (version: number) => void;
  onOlder: (() => void) | undefined;
}) {
  const { versions, open, against, onOpen, onCompare, onOlder } = props;
  return (
    <section aria-labelledby="versions" className={styles.versions}>
      <h2 id="versions">Versions</h2>
      <Scrollable className={styles.scroll} label="Versions, table">
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Version</th>
              <th scope="col">What changed</th>
              <th scope="col">Names</th>
              <th scope="col">Made</th>
              <th scope="col">
                <span className="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {versions.map(({ version, note, variables, createdAt }) => (
              <tr key={version} data-open={version === open || undefined}>
                <th scope="row" className="numeric">
                  {version}
                  {version === open && <span className={styles.soft}> open</span>}
                </th>
                <td>{note ?? <span className={styles.soft}>–</span>}</td>
                <td>
                  <code>{variables.join(', ') || '–'}</code>
                </td>
                <td>
                  <RelativeTime at={createdAt} />
                </td>
                <td className={styles.rowActions}>
                  {version !== open && (
                    <>
                      <Button
                        size="compact-xs"
                        variant="default"
                        aria-label={`Open version ${version}`}
                        onClick={() => onOpen(version)}
                      >
                        Open
                      </Button>
                      <Button
                        size="compact-xs"
                        variant="default"
                        aria-pressed={version === against}
                        aria-label={`Compare version ${open} with version ${version}`}
                        onClick={() => onCompare(version)}
                      >
                        Compare
                      </Button>
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrollable>
      {onOlder && (
        <Button size="xs" variant="default" className={styles.older} onClick={onOlder}>
          Older versions
        </Button>
      )}
    </section>
  );
}
