import { Button, Group, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { ApiError } from '#libs/sdk';
import type { HumanMetric } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { scaleInWords } from '../../components/human-values.ts';
import { ProblemPanel } from '../../components/problem.tsx';
import { annotationKeys } from '../../queries/annotations.ts';
import { client } from '../../queries/client.ts';
import { newScale, readScale } from './scale-draft.ts';
import { ScaleEditor } from './scale-editor.tsx';
import styles from './reviews.module.css';

/** Makes a human metric, or changes what may be changed of one. */
export function HumanMetricForm(props: { metric: HumanMetric | undefined; onClose: () => void }) {
  const { metric, onClose } = props;
  return (
    <Dialog
      title={metric ? `Change ${metric.name}` : 'Create a human metric'}
      size="36rem"
      onClose={onClose}
    >
      <HumanMetricFields metric={metric} onCancel={onClose} onSaved={onClose} />
    </Dialog>
  );
}

/** The same without a dialog, for one that shows it in between. */
export function HumanMetricFields(props: {
  metric: HumanMetric | undefined;
  onCancel: () => void;
  onSaved: (metric: HumanMetric) => void;
}) {
  const { metric } = props;
  const queries = useQueryClient();
  const announce = useAnnounce();
  const [name, setName] = useState(metric?.name ?? '');
  const [guidelines, setGuidelines] = useState(metric?.guidelines ?? '');
  const [draft, setDraft] = useState(newScale);
  const read = readScale(draft);
  const save = useMutation({
    mutationFn: async () => {
      const body = { name: name.trim(), guidelines: guidelines.trim() || null };
      if (metric) return client.updateHumanMetric({ params: { id: metric.id }, body });
      if ('fault' in read) throw new Error(read.fault);
      return client.createHumanMetric({ body: { ...body, scale: read.scale } });
    },
    onSuccess: (saved) => {
      void queries.invalidateQueries({ queryKey: annotationKeys.metrics });
      announce(`The human metric ${saved.name} is saved`);
      props.onSaved(saved);
    },
  });
  const isComplete = name.trim() !== '' && (metric !== undefined || 'scale' in read);
  const errors = save.error instanceof ApiError ? save.error.errors : [];
  const faultAt = (field: string): string | undefined =>
    errors.find((one) => one.field === field)?.message;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isComplete && !save.isPending) save.mutate();
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <TextInput
        label="Name"
        placeholder="such as helpful"
        autoComplete="off"
        maxLength={100}
        data-autofocus
        value={name}
        error={faultAt('name')}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      {metric ? (
        <p className={styles.note}>
          Values: {scaleInWords(metric.scale)}. They stay, since scores were given on them.
        </p>
      ) : (
        <ScaleEditor draft={draft} onChange={setDraft} />
      )}
      <Textarea
        label="Guidelines"
        description="How to decide, as Markdown. Whoever scores reads them beside the item."
        autosize
        minRows={3}
        maxRows={12}
        maxLength={20_000}
        value={guidelines}
        error={faultAt('guidelines')}
        onChange={({ currentTarget }) => setGuidelines(currentTarget.value)}
      />
      {save.isError && <ProblemPanel error={save.error} doing="save the human metric" />}
      <Group justify="flex-end" gap="xs">
        {!metric && 'fault' in read && draft.kind !== 'boolean' && (
          <span className={styles.note}>{read.fault}</span>
        )}
        <Button variant="default" onClick={props.onCancel}>
          {metric ? 'Keep as it is' : 'Cancel'}
        </Button>
        <Button type="submit" disabled={!isComplete || save.isPending}>
          {save.isPending ? 'Saving…' : metric ? 'Save' : 'Create the metric'}
        </Button>
      </Group>
    </form>
  );
}
