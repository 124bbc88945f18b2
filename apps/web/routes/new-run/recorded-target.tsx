import { Button, FileButton, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Upload } from 'lucide-react';
import { isFinal } from '#libs/evaluation';
import { ProblemPanel } from '../../components/problem.tsx';
import { useAnnounce } from '../../components/announcer.tsx';
import { formatCount } from '../../format/numbers.ts';
import { formatExact } from '../../format/time.ts';
import { client } from '../../queries/client.ts';
import { recordingQuery, recordingsQuery } from '../../queries/recordings.ts';
import { runChoicesQuery } from '../../queries/runs.ts';
import type { Draft } from './draft.ts';
import { useNewRun } from './new-run-context.ts';
import styles from './new-run.module.css';

type Recorded = Draft['target']['recorded'];

/** Outputs that exist: those of a file, or of an earlier run that is to be scored again. */
export function RecordedTarget() {
  const { draft, update } = useNewRun();
  const { recorded } = draft.target;
  const set = (change: Partial<Recorded>): void =>
    update(({ target, ...before }) => ({
      ...before,
      target: { ...target, recorded: { ...target.recorded, ...change } },
    }));
  return (
    <>
      <SegmentedControl
        size="xs"
        className={styles.add}
        aria-label="Which outputs"
        value={recorded.from}
        data={[
          { value: 'recording', label: 'A recording' },
          { value: 'run', label: 'An earlier run' },
        ]}
        onChange={(from) => set({ from: from === 'run' ? 'run' : 'recording' })}
      />
      {recorded.from === 'recording' ? (
        <Recording chosen={recorded.recordingId} onChoose={(recordingId) => set({ recordingId })} />
      ) : (
        <EarlierRun chosen={recorded.runId} onChoose={(runId) => set({ runId })} />
      )}
    </>
  );
}

function Recording(props: { chosen: string; onChoose: (id: string) => void }) {
  const { chosen, onChoose } = props;
  const { faultAt } = useNewRun();
  const { data = [], isSuccess } = useQuery(recordingsQuery);
  const isListed = data.some(({ id }) => id === chosen);
  const older = useQuery({
    ...recordingQuery(chosen),
    enabled: isSuccess && chosen !== '' && !isListed,
  });
  const all = [...(older.data ? [older.data] : []), ...data];
  return (
    <>
      <Select
        size="xs"
        label="Recording"
        withAsterisk
        searchable
        placeholder={
          isSuccess && all.length === 0 ? 'none yet: upload one below' : 'Search by name'
        }
        comboboxProps={{ withinPortal: false }}
        nothingFoundMessage="None of the newest 200 has this in its name"
        error={faultAt('target.recordingId') ?? faultAt('target')}
        value={chosen === '' ? null : chosen}
        data={all.map(({ id, name, outputCount, createdAt }) => ({
          value: id,
          label: `${name}: ${formatCount(outputCount)} outputs, ${formatExact(createdAt)}`,
        }))}
        onChange={(id) => onChoose(id ?? '')}
      />
      <UploadRecording onUploaded={onChoose} />
    </>
  );
}

/** Uploads a file of outputs; a wrong line refuses all of it, and is named. */
function UploadRecording({ onUploaded }: { onUploaded: (id: string) => void }) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const upload = useMutation({
    mutationFn: (file: File) =>
      client.createRecording({
        query: { name: file.name.replace(/\.(nd)?jsonl?$/, '').slice(0, 200) || 'outputs' },
        contentType: 'application/x-ndjson',
        body: file,
      }),
    onSuccess: async (recording) => {
      await queries.invalidateQueries({ queryKey: recordingsQuery.queryKey });
      announce(`${recording.name} is uploaded, with ${recording.outputCount} outputs`);
      onUploaded(recording.id);
    },
  });
  return (
    <>
      <div className={styles.upload}>
        <FileButton
          accept=".ndjson,.jsonl,application/x-ndjson"
          onChange={(file) => {
            if (file) upload.mutate(file);
          }}
        >
          {(button) => (
            <Button
              {...button}
              size="xs"
              variant="default"
              leftSection={<Upload size={14} aria-hidden />}
              disabled={upload.isPending}
            >
              {upload.isPending ? 'Uploading…' : 'Upload outputs'}
            </Button>
          )}
        </FileButton>
        <p className={styles.soft}>
          One output a line, by the key of its item:{' '}
          <code>{'{"key": "a", "output": "Paris"}'}</code>
        </p>
      </div>
      {upload.isError && <ProblemPanel error={upload.error} doing="upload these outputs" />}
    </>
  );
}

function EarlierRun(props: { chosen: string; onChoose: (id: string) => void }) {
  const { chosen, onChoose } = props;
  const { draft, faultAt } = useNewRun();
  const datasetId = draft.dataset.id;
  const { data = [] } = useQuery({ ...runChoicesQuery(datasetId), enabled: datasetId !== '' });
  const finished = data.filter(({ state }) => isFinal(state));
  const isListed = finished.some(({ id }) => id === chosen);
  return (
    <>
      <Select
        size="xs"
        label="Run of this dataset"
        searchable
        clearable
        comboboxProps={{ withinPortal: false }}
        placeholder={datasetId === '' ? 'choose a dataset first' : 'Search by name'}
        nothingFoundMessage="None of the newest 100 that have finished"
        value={isListed ? chosen : null}
        data={finished.map(({ id, name, createdAt }) => ({
          value: id,
          label: `${name}, ${formatExact(createdAt)}`,
        }))}
        onChange={(id) => onChoose(id ?? '')}
      />
      <TextInput
        size="xs"
        label="Id of the run"
        withAsterisk
        spellCheck={false}
        error={faultAt('target.runId') ?? faultAt('target')}
        value={chosen}
        onChange={({ currentTarget }) => onChoose(currentTarget.value)}
      />
    </>
  );
}
