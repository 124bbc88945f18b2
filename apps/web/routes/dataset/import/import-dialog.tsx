import { useState, type RefObject } from 'react';
import type { Dataset } from '#libs/contracts';
import { Dialog } from '../../../components/dialog.tsx';
import { FileChoice } from './file-choice.tsx';
import { FileImport } from './file-import.tsx';

/** A file becomes a version: it is chosen, its columns are named, what is wrong is seen, and it is kept. */
export function ImportDialog(props: {
  dataset: Dataset;
  file?: File | undefined;
  returnTo?: RefObject<HTMLElement | null> | undefined;
  onClose: () => void;
}) {
  const { dataset, returnTo, onClose } = props;
  // Each choice is one of its own, also of a file that was corrected and has the same name.
  const [chosen, setChosen] = useState(props.file && { file: props.file, nth: 0 });
  const choose = (file: File): void => setChosen({ file, nth: (chosen?.nth ?? 0) + 1 });
  return (
    <Dialog
      title={`Import into ${dataset.name}`}
      size="64rem"
      fills
      returnTo={returnTo}
      onClose={onClose}
    >
      {chosen ? (
        <FileImport
          key={chosen.nth}
          dataset={dataset}
          file={chosen.file}
          nth={chosen.nth}
          onChoose={choose}
          onClose={onClose}
        />
      ) : (
        <FileChoice onChoose={choose} />
      )}
    </Dialog>
  );
}
