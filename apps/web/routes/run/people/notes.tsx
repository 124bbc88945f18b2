import { Button, Group, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { PencilLine, Trash2 } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import type { ItemNote, Run } from '#libs/contracts';
import { useAnnounce } from '../../../components/announcer.tsx';
import { ProblemPanel } from '../../../components/problem.tsx';
import { RelativeTime } from '../../../components/relative-time.tsx';
import { annotationKeys } from '../../../queries/annotations.ts';
import { client } from '../../../queries/client.ts';
import { useMay } from '../../../queries/session.ts';
import styles from './people.module.css';

/** What people wrote on an item, oldest first, and a field for one more. */
export function Notes(props: {
  run: Run;
  no: number;
  notes: ItemNote[];
  mayWrite: boolean;
  me: string | undefined;
}) {
  const { run, no, notes, mayWrite, me } = props;
  const [editing, setEditing] = useState<string>();
  const add = useChange(run.id, (text: string) =>
    client.createItemNote({ params: { id: run.id, no }, body: { text } }),
  );
  if (notes.length === 0 && !mayWrite) return null;
  return (
    <>
      {notes.length > 0 && (
        <ol className={styles.notes} aria-label="Notes">
          {notes.map((note) =>
            note.id === editing ? (
              <li key={note.id}>
                <EditNote run={run} note={note} onClose={() => setEditing(undefined)} />
              </li>
            ) : (
              <Note
                key={note.id}
                run={run}
                note={note}
                isMine={note.by.keyId === me}
                onEdit={mayWrite ? () => setEditing(note.id) : undefined}
              />
            ),
          )}
        </ol>
      )}
      {mayWrite && <NoteField label="Add a note" save="Add the note" change={add} />}
    </>
  );
}

/** Writes, and shows the notes anew. */
function useChange<Given>(runId: string, change: (given: Given) => Promise<unknown>) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  return useMutation({
    mutationFn: change,
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: annotationKeys.of(runId) });
      announce('Saved');
    },
  });
}

function Note(props: {
  run: Run;
  note: ItemNote;
  isMine: boolean;
  onEdit: (() => void) | undefined;
}) {
  const { run, note, isMine, onEdit } = props;
  const isAdmin = useMay('admin');
  const remove = useChange(run.id, () => client.deleteItemNote({ params: { id: note.id } }));
  return (
    <li>
      <div className={styles.noteHead}>
        <span className={styles.soft}>
          <strong>{isMine ? 'You' : note.by.name}</strong>, <RelativeTime at={note.createdAt} />
          {note.updatedAt !== note.createdAt && ', changed'}
        </span>
        {onEdit && (isMine || isAdmin) && (
          <Group gap={2}>
            {isMine && (
              <Button
                variant="subtle"
                color="gray"
                size="compact-xs"
                aria-label="Change your note"
                onClick={onEdit}
              >
                <PencilLine size={12} aria-hidden />
              </Button>
            )}
            <Button
              variant="subtle"
              color="gray"
              size="compact-xs"
              aria-label={isMine ? 'Delete your note' : `Delete the note of ${note.by.name}`}
              disabled={remove.isPending}
              onClick={() => remove.mutate(undefined)}
            >
              <Trash2 size={12} aria-hidden />
            </Button>
          </Group>
        )}
      </div>
      <p>{note.text}</p>
      {remove.isError && <ProblemPanel error={remove.error} doing="delete the note" />}
    </li>
  );
}

function EditNote({ run, note, onClose }: { run: Run; note: ItemNote; onClose: () => void }) {
  const change = useChange(run.id, async (text: string) => {
    await client.updateItemNote({ params: { id: note.id }, body: { text } });
    onClose();
  });
  return (
    <NoteField
      label="Change your note"
      save="Save"
      begin={note.text}
      change={change}
      onClose={onClose}
    />
  );
}

function NoteField(props: {
  label: string;
  save: string;
  begin?: string;
  change: ReturnType<typeof useChange<string>>;
  onClose?: () => void;
}) {
  const { label, save, begin = '', change, onClose } = props;
  const [text, setText] = useState(begin);
  const submit = (event?: FormEvent): void => {
    event?.preventDefault();
    const written = text.trim();
    if (written === '' || change.isPending) return;
    change.mutate(written, { onSuccess: () => setText('') });
  };
  return (
    <form className={styles.noteForm} onSubmit={submit} noValidate>
      <Textarea
        size="xs"
        aria-label={label}
        placeholder={`${label}: everybody in the project reads it`}
        autosize
        minRows={1}
        maxRows={8}
        maxLength={5_000}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit();
        }}
      />
      {change.isError && <ProblemPanel error={change.error} doing="save the note" />}
      {(text !== begin || onClose) && (
        <Group gap="xs">
          <Button type="submit" size="compact-sm" disabled={text.trim() === '' || change.isPending}>
            {change.isPending ? 'Saving…' : save}
          </Button>
          {onClose && (
            <Button variant="default" size="compact-sm" onClick={onClose}>
              Keep as it is
            </Button>
          )}
        </Group>
      )}
    </form>
  );
}
