import { Button, Group } from '@mantine/core';
import { Trash2 } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import type { ReviewQueue } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { Guidelines } from '../../components/guidelines.tsx';
import { scaleInWords } from '../../components/human-values.ts';
import { ProblemPanel } from '../../components/problem.tsx';
import { QueueFields, type QueueDraft } from '../reviews/queue-form.tsx';
import { useQueueChange } from './use-queue-change.ts';
import styles from './review.module.css';

/** What the queue asks, and, for who may, how to change and to delete it. */
export function QueueSettings({ queue, mayEdit }: { queue: ReviewQueue; mayEdit: boolean }) {
  return (
    <div className={styles.settings}>
      <section aria-labelledby="asked">
        <h2 id="asked">What is scored</h2>
        <ol className={styles.asked}>
          {queue.humanMetrics.map(({ id, name, scale, guidelines }) => (
            <li key={id}>
              <strong>{name}</strong> <span className={styles.soft}>{scaleInWords(scale)}</span>
              {guidelines !== null && <Guidelines text={guidelines} />}
            </li>
          ))}
        </ol>
      </section>
      {mayEdit ? <Change queue={queue} /> : <Shown queue={queue} />}
      {mayEdit && <Remove queue={queue} />}
    </div>
  );
}

function Shown({ queue }: { queue: ReviewQueue }) {
  const { guidelines, blind, showExpected, reviewersPerItem } = queue;
  return (
    <section aria-labelledby="settings">
      <h2 id="settings">Settings</h2>
      <dl className={styles.facts}>
        <div>
          <dt>People per item</dt>
          <dd>{reviewersPerItem}</dd>
        </div>
        <div>
          <dt>Blind</dt>
          <dd>{blind ? 'yes' : 'no'}</dd>
        </div>
        <div>
          <dt>Expected value</dt>
          <dd>{showExpected ? 'shown' : 'not shown'}</dd>
        </div>
      </dl>
      {guidelines !== null && <Guidelines text={guidelines} />}
    </section>
  );
}

function Change({ queue }: { queue: ReviewQueue }) {
  const announce = useAnnounce();
  const { update } = useQueueChange(queue.id);
  const was: QueueDraft = {
    name: queue.name,
    guidelines: queue.guidelines ?? '',
    reviewersPerItem: queue.reviewersPerItem,
    blind: queue.blind,
    showExpected: queue.showExpected,
  };
  const [draft, setDraft] = useState(was);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(was);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isChanged || draft.name.trim() === '' || update.isPending) return;
    update.mutate(
      { ...draft, name: draft.name.trim(), guidelines: draft.guidelines.trim() || null },
      { onSuccess: () => announce('The queue is saved') },
    );
  };
  return (
    <section aria-labelledby="settings">
      <h2 id="settings">Settings</h2>
      <form className={styles.form} onSubmit={submit} noValidate>
        <QueueFields draft={draft} error={update.error} onChange={setDraft} />
        {update.isError && <ProblemPanel error={update.error} doing="save the queue" />}
        <Group gap="xs">
          <Button type="submit" size="xs" disabled={!isChanged || update.isPending}>
            {update.isPending ? 'Saving…' : 'Save'}
          </Button>
          {isChanged && (
            <Button variant="default" size="xs" onClick={() => setDraft(was)}>
              Keep as it is
            </Button>
          )}
        </Group>
      </form>
    </section>
  );
}

function Remove({ queue }: { queue: ReviewQueue }) {
  const announce = useAnnounce();
  const { remove } = useQueueChange(queue.id);
  const [asking, setAsking] = useState(false);
  return (
    <section aria-labelledby="delete">
      <h2 id="delete">Delete</h2>
      <p className={styles.soft}>
        A deleted queue can be restored. What people scored stays with the items in any case.
      </p>
      <Button
        mt="xs"
        variant="default"
        size="xs"
        leftSection={<Trash2 size={14} aria-hidden />}
        onClick={() => setAsking(true)}
      >
        Delete the queue
      </Button>
      {asking && (
        <Confirm
          title={`Delete ${queue.name}?`}
          confirm="Delete the queue"
          doing="delete the queue"
          pending={remove.isPending}
          error={remove.error}
          onConfirm={() =>
            remove.mutate(undefined, {
              onSuccess: () => announce(`The queue ${queue.name} is deleted`),
            })
          }
          onClose={() => setAsking(false)}
        >
          <p>
            Nobody is given its items any more. It can be restored from the list of deleted queues.
          </p>
        </Confirm>
      )}
    </section>
  );
}
