import { Button } from '@mantine/core';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import type { Dataset } from '#libs/contracts';
import { FileChoice } from '../import/file-choice.tsx';
import { ImportDialog } from '../import/import-dialog.tsx';
import styles from './items.module.css';

/** What an empty dataset shows: the ways in which items come into it. */
export function FirstItems(props: { dataset: Dataset; onAdd: (() => void) | undefined }) {
  const { dataset, onAdd } = props;
  const [file, setFile] = useState<File>();
  if (!onAdd) return <p className={styles.none}>This dataset has no items yet.</p>;
  return (
    <div className={styles.first}>
      <FileChoice onChoose={setFile} />
      <div className={styles.or}>
        <p>
          Or write the items here: an input, and what is expected of it. They become the first
          version once you save them.
        </p>
        <Button
          variant="default"
          size="xs"
          leftSection={<Plus size={14} aria-hidden />}
          onClick={onAdd}
        >
          Write the first item
        </Button>
      </div>
      {file && <ImportDialog dataset={dataset} file={file} onClose={() => setFile(undefined)} />}
    </div>
  );
}
