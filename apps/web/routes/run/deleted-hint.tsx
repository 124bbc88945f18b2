import type { Run } from '#libs/contracts';
import { DeletedHint } from '../../components/deleted-hint.tsx';
import { useRunChange } from './use-run-change.ts';

/** Says that the run is deleted, and takes it back. */
export function DeletedRunHint({ run, at }: { run: Run; at: string }) {
  const { restore } = useRunChange(run.id);
  return (
    <DeletedHint
      at={at}
      noun="run"
      means="Only the list of deleted runs shows it; its results stay."
      restore={restore}
    />
  );
}
