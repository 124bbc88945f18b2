import { Button } from '@mantine/core';
import { Plus } from 'lucide-react';
import styles from './datasets.module.css';

/** What an empty project shows: what a dataset is, and how the first one comes about. */
export function FirstDataset({ onCreate }: { onCreate: (() => void) | undefined }) {
  return (
    <section className={styles.first} aria-labelledby="first-dataset">
      <h2 id="first-dataset">No datasets yet</h2>
      <p>
        A dataset holds what your model or application is asked, and what is expected of it. Runs
        are made on its versions, which never change, so that runs stay comparable.
      </p>
      <ol>
        <li>Create a dataset: all it needs is a name.</li>
        <li>
          Drop a file on it: CSV, TSV, Excel, JSON, NDJSON or Parquet. You say which column is the
          input and which is the expected value, and see what is wrong before anything is kept.
        </li>
        <li>Or write its items here, one by one, and save them as its first version.</li>
      </ol>
      {onCreate ? (
        <div>
          <Button size="xs" leftSection={<Plus size={14} aria-hidden />} onClick={onCreate}>
            Create the first dataset
          </Button>
        </div>
      ) : (
        <p>Your own key only reads: this needs the key of an editor or an admin of the project.</p>
      )}
      <p>
        Scripts do the same with <code>POST /datasets</code> and{' '}
        <code>POST /datasets/&#123;id&#125;/versions</code>: see the{' '}
        <a href="/docs">API reference</a>.
      </p>
    </section>
  );
}
