import { Button, Checkbox, Group, NumberInput, Switch, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState, type FormEvent, type ReactNode } from 'react';
import { ApiError } from '#libs/sdk';
import { reviewLimits, type ReviewQueue } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { scaleInWords } from '../../components/human-values.ts';
import { ProblemPanel } from '../../components/problem.tsx';
import { Scrollable } from '../../components/scrollable.tsx';
import { humanMetricsQuery } from '../../queries/annotations.ts';
import { client } from '../../queries/client.ts';
import { reviewKeys } from '../../queries/reviews.ts';
import { HumanMetricFields } from './human-metric-form.tsx';
import styles from './reviews.module.css';

/** What can be said of a queue at any time; its human metrics are said once. */
export interface QueueDraft {
  name: string;
  guidelines: string;
  reviewersPerItem: number;
  blind: boolean;
  showExpected: boolean;
}

/** Creates a queue. */
export function QueueForm(props: { onClose: () => void; onCreated: (queue: ReviewQueue) => void }) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const [draft, setDraft] = useState<QueueDraft>({
    name: '',
    guidelines: '',
    reviewersPerItem: 1,
    blind: true,
    showExpected: true,
  });
  const [metricIds, setMetricIds] = useState<string[]>([]);
  const [isMaking, setMaking] = useState(false);
  const create = useMutation({
    mutationFn: () =>
      client.createReviewQueue({
        body: {
          ...draft,
          name: draft.name.trim(),
          guidelines: draft.guidelines.trim() || null,
          humanMetricIds: metricIds,
        },
      }),
    onSuccess: (queue) => {
      void queries.invalidateQueries({ queryKey: reviewKeys.lists });
      announce(`The queue ${queue.name} is created`);
      props.onCreated(queue);
    },
  });
  const isComplete = draft.name.trim() !== '' && metricIds.length > 0;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isComplete && !create.isPending) create.mutate();
  };
  if (isMaking) {
    const back = (): void => setMaking(false);
    return (
      <Dialog key="metric" title="Create a human metric" size="44rem" fills onClose={back}>
        <HumanMetricFields
          metric={undefined}
          onCancel={back}
          onSaved={({ id }) => {
            setMetricIds([...metricIds, id]);
            back();
          }}
        />
      </Dialog>
    );
  }
  return (
    <Dialog key="queue" title="Create a review queue" size="44rem" fills onClose={props.onClose}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <QueueFields draft={draft} error={create.error} isFirst onChange={setDraft}>
          <MetricChoice chosen={metricIds} onChange={setMetricIds} onMake={() => setMaking(true)} />
        </QueueFields>
        {create.isError && <ProblemPanel error={create.error} doing="create the queue" />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={props.onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!isComplete || create.isPending}>
            {create.isPending ? 'Creating…' : 'Create the queue'}
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}

/** The fields that a queue is made and changed by. */
export function QueueFields(props: {
  draft: QueueDraft;
  error: unknown;
  /** The focus begins here. */
  isFirst?: boolean | undefined;
  onChange: (draft: QueueDraft) => void;
  children?: ReactNode;
}) {
  const { draft, error } = props;
  const change = (part: Partial<QueueDraft>): void => props.onChange({ ...draft, ...part });
  const errors = error instanceof ApiError ? error.errors : [];
  const faultAt = (field: keyof QueueDraft): string | undefined =>
    errors.find((one) => one.field === field)?.message;
  return (
    <>
      <TextInput
        label="Name"
        placeholder="such as Answers of the July release"
        autoComplete="off"
        maxLength={200}
        data-autofocus={props.isFirst || undefined}
        value={draft.name}
        error={faultAt('name')}
        onChange={({ currentTarget }) => change({ name: currentTarget.value })}
      />
      {props.children}
      <Textarea
        label="Guidelines"
        description="What everybody should know before scoring, as Markdown. Optional."
        autosize
        minRows={3}
        maxRows={14}
        maxLength={20_000}
        value={draft.guidelines}
        error={faultAt('guidelines')}
        onChange={({ currentTarget }) => change({ guidelines: currentTarget.value })}
      />
      <div className={styles.two}>
        <NumberInput
          label="People per item"
          description="Two or more show how far people agree."
          min={1}
          max={reviewLimits.reviewers}
          allowDecimal={false}
          clampBehavior="strict"
          value={draft.reviewersPerItem}
          error={faultAt('reviewersPerItem')}
          onChange={(value) => {
            if (typeof value === 'number') change({ reviewersPerItem: value });
          }}
        />
        <div className={styles.categories}>
          <Switch
            label="Blind"
            description="Whoever scores sees neither the run, nor its scores, nor what others gave."
            checked={draft.blind}
            onChange={({ currentTarget }) => change({ blind: currentTarget.checked })}
          />
          <Switch
            label="Show the expected value"
            checked={draft.showExpected}
            onChange={({ currentTarget }) => change({ showExpected: currentTarget.checked })}
          />
        </div>
      </div>
    </>
  );
}

/** What is asked of each item: metrics that are there already, or ones that are made now. */
function MetricChoice(props: {
  chosen: string[];
  onChange: (chosen: string[]) => void;
  onMake: () => void;
}) {
  const { chosen, onChange } = props;
  const metrics = useQuery(humanMetricsQuery(false));
  const known = metrics.data ?? [];
  const toggle = (id: string): void =>
    onChange(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  return (
    <fieldset className={styles.metrics}>
      <legend>What to score</legend>
      <p className={styles.note}>
        Each item is scored by all of these, in the order in which you choose them. They stay for
        the life of the queue.
      </p>
      {metrics.isError && (
        <ProblemPanel
          error={metrics.error}
          doing="load the human metrics"
          onRetry={() => void metrics.refetch()}
        />
      )}
      {known.length > 0 && (
        <Scrollable className={styles.choices} label="Human metrics">
          {known.map(({ id, name, scale }) => {
            const place = chosen.indexOf(id);
            return (
              <Checkbox
                key={id}
                checked={place !== -1}
                disabled={place === -1 && chosen.length >= reviewLimits.humanMetrics}
                label={`${name}${place !== -1 && chosen.length > 1 ? ` (${place + 1}.)` : ''}`}
                description={scaleInWords(scale)}
                onChange={() => toggle(id)}
              />
            );
          })}
        </Scrollable>
      )}
      <div>
        <Button
          variant={metrics.isSuccess && known.length === 0 ? 'filled' : 'default'}
          size="compact-sm"
          leftSection={<Plus size={13} aria-hidden />}
          onClick={props.onMake}
        >
          Create a human metric
        </Button>
      </div>
    </fieldset>
  );
}
