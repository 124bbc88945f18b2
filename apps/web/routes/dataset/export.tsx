import { Button } from '@mantine/core';
import { Download } from 'lucide-react';
import type { Dataset } from '#libs/contracts';
import { exportAddress } from './export-address.ts';
import styles from './dataset.module.css';

const formats = [
  {
    format: 'ndjson',
    name: 'NDJSON',
    about: 'One item a line, as it is. An import of the file gives equal items.',
  },
  {
    format: 'csv',
    name: 'CSV',
    about:
      'A table with the columns key, input, expected, metadata, tags and split. Texts stand as they are, objects as JSON. Cells that begin with =, +, - or @ may be run as formulas by a spreadsheet.',
  },
] as const;

/** The items of a version as a file. */
export function Export({ dataset, version }: { dataset: Dataset; version: number | null }) {
  if (version === null) return <p className={styles.none}>There is nothing to export yet.</p>;
  return (
    <div className={styles.section}>
      {formats.map(({ format, name, about }) => (
        <section key={format} aria-label={name}>
          <h2>{name}</h2>
          <p className={styles.soft}>{about}</p>
          <Button
            component="a"
            href={exportAddress(dataset.id, version, format)}
            download
            mt="xs"
            variant="default"
            size="xs"
            leftSection={<Download size={14} aria-hidden />}
          >
            Download version {version} as {name}
          </Button>
        </section>
      ))}
    </div>
  );
}
