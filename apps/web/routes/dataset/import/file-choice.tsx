import { FileUp } from 'lucide-react';
import { useState } from 'react';
import { fileEndings } from './formats.ts';
import styles from './import.module.css';

/** Where a file is dropped, or chosen. */
export function FileChoice(props: { small?: boolean; onChoose: (file: File) => void }) {
  const { small = false, onChoose } = props;
  const [over, setOver] = useState(false);
  return (
    <label className={styles.drop} data-over={over || undefined} data-small={small || undefined}>
      <FileUp size={small ? 16 : 22} aria-hidden />
      <span>{small ? 'Choose another file' : 'Drop a file here, or choose one'}</span>
      {!small && (
        <span className={styles.soft}>
          CSV, TSV, Excel, JSON, NDJSON or Parquet. You see what becomes of it before anything is
          kept.
        </span>
      )}
      <input
        type="file"
        accept={fileEndings.join(',')}
        onDragEnter={() => setOver(true)}
        onDragLeave={() => setOver(false)}
        onDrop={() => setOver(false)}
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? [];
          if (file) onChoose(file);
          // The same file, corrected, can be chosen again.
          currentTarget.value = '';
        }}
      />
    </label>
  );
}
