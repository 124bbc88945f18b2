import { Button, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Save } from 'lucide-react';
import { useState } from 'react';
import { SchemaForm } from '../../components/schema-form/schema-form.tsx';
import { TextList } from '../../components/schema-form/text-list.tsx';
import { baselineQuery, gatesQuery } from '../../queries/gates.ts';
import { AsCode } from './as-code-panel.tsx';
import { settingFields, type Draft } from './draft.ts';
import { runInWords } from './in-words.ts';
import { useNewRun } from './new-run-context.ts';
import { SaveTemplate } from './save-template.tsx';
import { Trial } from './trial.tsx';
import styles from './new-run.module.css';

/** The rest of what a run is given, all of it in words, a trial, and the same as code. */
export function ReviewFields({ suggestedName }: { suggestedName: string }) {
  const { draft, update, read, dataset, total, faultAt, faultsIn } = useNewRun();
  const [saving, setSaving] = useState(false);
  const set = (change: Partial<Draft>): void => update((before) => ({ ...before, ...change }));
  const settings = faultsIn('', settingFields);
  const caps = settingFields.filter(({ name }) => name.startsWith('max') && name !== 'maxRetries');
  const usual = settingFields.filter(({ name }) => ['repeats', 'concurrency'].includes(name));
  const rare = settingFields.filter((field) => !caps.includes(field) && !usual.includes(field));
  const form = (fields: typeof settingFields) => (
    <SchemaForm
      fields={fields}
      entries={draft.settings}
      faults={settings}
      onChange={(name, entry) => set({ settings: { ...draft.settings, [name]: entry } })}
    />
  );
  const tagsFault = faultAt('tags');
  const metadataFault = faultAt('metadata');
  return (
    <div className={styles.fields}>
      <TextInput
        size="xs"
        label="Name of the run"
        withAsterisk
        placeholder={suggestedName}
        description={
          draft.name === '' && suggestedName !== '' ? 'Left empty, it is called as suggested' : null
        }
        error={faultAt('name')}
        value={draft.name}
        onChange={({ currentTarget }) => set({ name: currentTarget.value })}
      />
      <div className={styles.columns}>
        {form(usual)}
        {form(caps)}
      </div>
      <details
        className={styles.more}
        open={
          rare.some(({ name }) => settings[name] !== undefined) ||
          metadataFault !== undefined ||
          tagsFault !== undefined ||
          undefined
        }
      >
        <summary>Calls, cache, tags, metadata</summary>
        <div className={styles.columns}>
          {form(rare)}
          <div className={styles.fields}>
            <TextList
              label="Tags"
              noun="a tag"
              error={tagsFault}
              value={draft.tags}
              onChange={(tags) => set({ tags })}
            />
            <Textarea
              size="xs"
              label="Metadata"
              description="JSON: an object"
              autosize
              minRows={2}
              maxRows={12}
              spellCheck={false}
              classNames={{ input: styles.code }}
              error={metadataFault}
              value={draft.metadata}
              onChange={({ currentTarget }) => set({ metadata: currentTarget.value })}
            />
          </div>
        </div>
      </details>
      <section aria-label="This run in words" className={styles.words}>
        <h3>This run</h3>
        <ul>
          {runInWords(read.body, {
            dataset: dataset?.name,
            items: total,
          }).map((line) => (
            <li key={line}>{line}</li>
          ))}
          {dataset && <FollowUps datasetId={dataset.id} />}
        </ul>
      </section>
      <Trial />
      <AsCode body={read.body} isComplete={read.request !== undefined} />
      {draft.target.kind === 'model' && (
        <Button
          size="xs"
          variant="subtle"
          className={styles.add}
          leftSection={<Save size={14} aria-hidden />}
          onClick={() => setSaving(true)}
        >
          Save this set-up as a template
        </Button>
      )}
      {saving && <SaveTemplate onClose={() => setSaving(false)} />}
    </div>
  );
}

/** What happens by itself once the run has completed. */
function FollowUps({ datasetId }: { datasetId: string }) {
  const { data: baseline } = useQuery(baselineQuery(datasetId));
  const { data: gates } = useQuery(gatesQuery(datasetId));
  if (baseline === undefined || !gates) return null;
  if (!baseline) {
    return (
      <li>
        Once it has completed, nothing is compared: the dataset has no pinned baseline
        {gates.length > 0 && `, so its ${gates.length === 1 ? 'gate is' : 'gates are'} not checked`}
        .
      </li>
    );
  }
  const names = gates.map(({ name }) => `“${name}”`).join(', ');
  return (
    <li>
      Once it has completed, it is compared with the baseline “{baseline.runName}”
      {gates.length > 0 &&
        ` and checked against ${gates.length === 1 ? 'the gate' : 'the gates'} ${names}`}
      .
    </li>
  );
}
