import { Tabs } from '@mantine/core';
import { useMay } from '../../queries/session.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { Scrollable } from '../../components/scrollable.tsx';
import { firstRuns } from './first-run-scripts.ts';
import styles from './first-run.module.css';

/** What an empty project shows: how the first run comes about, whatever gives the outputs. */
export function FirstRun() {
  const mayWrite = useMay('editor');
  return (
    <section className={styles.section} aria-labelledby="first-run">
      <h2 id="first-run">No runs yet</h2>
      <p>
        A run gets an output for each item of a dataset and scores it. This page shows its progress
        and its scores while it goes. Paste one of these into a shell to see one:
      </p>
      {!mayWrite && (
        <p>Your own key only reads: this needs the key of an editor or an admin of the project.</p>
      )}
      <Tabs defaultValue={firstRuns[0].kind}>
        <Tabs.List aria-label="Where the outputs come from">
          {firstRuns.map(({ kind, title }) => (
            <Tabs.Tab key={kind} value={kind}>
              {title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {firstRuns.map(({ kind, title, about, script }) => {
          const text = script(window.location.origin);
          return (
            <Tabs.Panel key={kind} value={kind} className={styles.panel}>
              <p>{about}</p>
              <div className={styles.code}>
                <div className={styles.copy}>
                  <CopyButton text={text} label="Copy the commands" />
                </div>
                <Scrollable className={styles.scroll} label={`Commands for a first run: ${title}`}>
                  <pre>{text}</pre>
                </Scrollable>
              </div>
            </Tabs.Panel>
          );
        })}
      </Tabs>
      <p>
        Everything else that can be called is in the <a href="/docs">API reference</a>.
      </p>
    </section>
  );
}
