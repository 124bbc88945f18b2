import { NativeSelect } from '@mantine/core';
import type { Dataset } from '#libs/contracts';
import { ProblemPanel } from '../../../components/problem.tsx';
import { SkeletonRows } from '../../../components/skeleton-rows.tsx';
import { formatBytes } from '../../../format/numbers.ts';
import { ColumnRoles } from './column-roles.tsx';
import { FileChoice } from './file-choice.tsx';
import { delimiters, formats } from './formats.ts';
import { Outcome } from './outcome.tsx';
import { useReading } from './use-reading.ts';
import styles from './import.module.css';

/** One file: how it is read, what becomes of it, and its way into the dataset. */
export function FileImport(props: {
  dataset: Dataset;
  file: File;
  nth: number;
  onChoose: (file: File) => void;
  onClose: () => void;
}) {
  const { dataset, file, nth, onChoose, onClose } = props;
  const chosen = { datasetId: dataset.id, file, nth };
  const how = useReading(chosen);
  const { asItIs, mediaType, delimiter, sheets, reading } = how;
  return (
    <div className={styles.steps}>
      <div className={styles.file}>
        <p className={styles.name}>
          <strong>{file.name}</strong> <span className={styles.soft}>{formatBytes(file.size)}</span>
        </p>
        <NativeSelect
          size="xs"
          label="Format"
          value={mediaType}
          data={formats.map(({ mediaType, name }) => ({ value: mediaType, label: name }))}
          onChange={({ currentTarget: { value } }) =>
            how.setMediaType(formats.find((one) => one.mediaType === value)?.mediaType ?? mediaType)
          }
        />
        {delimiter !== undefined && (
          <NativeSelect
            size="xs"
            label="Cells are parted by"
            value={delimiter}
            data={[...delimiters]}
            onChange={({ currentTarget: { value } }) =>
              how.setDelimiter(delimiters.find((one) => one.value === value)?.value)
            }
          />
        )}
        {sheets.length > 1 && (
          <NativeSelect
            size="xs"
            label="Sheet"
            value={how.sheet}
            data={sheets}
            onChange={({ currentTarget: { value } }) => how.setSheet(value)}
          />
        )}
        <FileChoice small onChoose={onChoose} />
      </div>
      {asItIs.isError ? (
        <ProblemPanel error={asItIs.error} doing="read this file" />
      ) : asItIs.data ? (
        <ColumnRoles
          preview={asItIs.data.preview}
          roles={how.roles}
          fitting={how.fitting}
          onMapped={how.setMapped}
          onRoles={how.setRoles}
        />
      ) : (
        <SkeletonRows rows={6} label="Reading the file" />
      )}
      {how.wantsInput && (
        <p className={styles.notice} role="alert">
          Choose which column is the input.
        </p>
      )}
      {reading && !asItIs.isError && (
        // What was found with other columns says nothing of these.
        <Outcome
          key={JSON.stringify(reading)}
          dataset={dataset}
          chosen={chosen}
          reading={reading}
          onClose={onClose}
        />
      )}
    </div>
  );
}
