import { Button } from '@mantine/core';
import { FileUp } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Dataset } from '#libs/contracts';
import { ImportDialog } from './import-dialog.tsx';

/** Opens the import of a file. */
export function ImportButton({ dataset }: { dataset: Dataset }) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <Button
        ref={button}
        variant="default"
        size="xs"
        leftSection={<FileUp size={14} aria-hidden />}
        onClick={() => setOpen(true)}
      >
        Import a file
      </Button>
      {open && <ImportDialog dataset={dataset} returnTo={button} onClose={() => setOpen(false)} />}
    </>
  );
}
