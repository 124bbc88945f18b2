import { Button, Group, NativeSelect, Textarea } from '@mantine/core';
import { useMutation, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import type { HumanMetric, HumanScore, Run } from '#libs/contracts';
import { useAnnounce } from '../../../components/announcer.tsx';
import { ButtonLink } from '../../../components/button-link.tsx';
import { Guidelines } from '../../../components/guidelines.tsx';
import { ProblemPanel } from '../../../components/problem.tsx';
import { ScaleInput, type Chosen } from '../../../components/scale-input.tsx';
import { annotationKeys } from '../../../queries/annotations.ts';
import { client } from '../../../queries/client.ts';
import styles from './people.module.css';

/** Gives, replaces or takes back the reader's own score of one human metric. */
export function MyScore(props: {
  run: Run;
  no: number;
  metrics: UseQueryResult<HumanMetric[]>;
  /** Null: the first that the reader has not scored by. */
  metricId: string | null;
  mine: HumanScore[];
  onChoose: (metricId: string) => void;
  onClose: () => void;
}) {
  const { run, no, metrics, metricId, mine, onClose } = props;
  const queries = useQueryClient();
  const announce = useAnnounce();
  const known = metrics.data ?? [];
  const open = known.find(({ id }) => !mine.some((score) => score.humanMetricId === id));
  const metric = known.find(({ id }) => id === metricId) ?? open ?? known[0];
  const before = mine.find((score) => score.humanMetricId === metric?.id);
  const [given, setGiven] = useState<Chosen>();
  const [written, setWritten] = useState<string>();
  const value = given === undefined ? before?.value : given;
  const comment = written ?? before?.comment ?? '';
  const params = { id: run.id, no };
  const onSuccess = (): void => {
    void queries.invalidateQueries({ queryKey: annotationKeys.of(run.id) });
    announce('Saved');
    onClose();
  };
  const save = useMutation({
    mutationFn: (body: Parameters<typeof client.setHumanScore>[0]['body']) =>
      client.setHumanScore({ params, body }),
    onSuccess,
  });
  const takeBack = useMutation({
    mutationFn: (humanMetricId: string) =>
      client.deleteHumanScore({ params: { ...params, humanMetricId } }),
    onSuccess,
  });
  if (metrics.isError) {
    return (
      <ProblemPanel
        error={metrics.error}
        doing="load the human metrics"
        onRetry={() => void metrics.refetch()}
      />
    );
  }
  if (!metric) {
    if (metrics.isPending) return null;
    return (
      <p className={styles.form}>
        There is no human metric yet: say first what people score by.{' '}
        <ButtonLink
          to="/reviews"
          search={{ view: 'metrics', edit: 'new' }}
          variant="default"
          size="compact-xs"
        >
          Create a human metric
        </ButtonLink>
      </p>
    );
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (value === undefined || save.isPending) return;
    save.mutate({
      humanMetricId: metric.id,
      value,
      comment: comment.trim() === '' ? null : comment.trim(),
    });
  };
  return (
    <form className={styles.form} aria-label="Your score" onSubmit={submit} noValidate>
      {known.length > 1 && (
        <NativeSelect
          size="xs"
          label="Human metric"
          value={metric.id}
          data={known.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={({ currentTarget }) => props.onChoose(currentTarget.value)}
        />
      )}
      <ScaleInput label={metric.name} scale={metric.scale} value={value} onChange={setGiven} />
      {metric.guidelines !== null && (
        <details className={styles.soft}>
          <summary>Guidelines</summary>
          <Guidelines text={metric.guidelines} />
        </details>
      )}
      <Textarea
        size="xs"
        label="Comment"
        autosize
        minRows={1}
        maxRows={6}
        maxLength={5_000}
        value={comment}
        onChange={({ currentTarget }) => setWritten(currentTarget.value)}
      />
      {save.isError && <ProblemPanel error={save.error} doing="save your score" />}
      {takeBack.isError && <ProblemPanel error={takeBack.error} doing="take your score back" />}
      <Group gap="xs">
        <Button type="submit" size="xs" disabled={value === undefined || save.isPending}>
          {save.isPending ? 'Saving…' : before ? 'Replace your score' : 'Save your score'}
        </Button>
        <Button variant="default" size="xs" onClick={onClose}>
          {before ? 'Keep as it is' : 'Cancel'}
        </Button>
        {before && (
          <Button
            variant="subtle"
            color="gray"
            size="xs"
            disabled={takeBack.isPending}
            onClick={() => takeBack.mutate(metric.id)}
          >
            Take it back
          </Button>
        )}
      </Group>
    </form>
  );
}
