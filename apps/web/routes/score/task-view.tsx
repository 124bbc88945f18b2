import { useLocalStorage, useMediaQuery } from '@mantine/hooks';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { HumanMetric, ReviewQueue, ReviewTask } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { optionsOf } from '../../components/human-values.ts';
import type { Chosen } from '../../components/scale-input.tsx';
import { Controls } from './controls.tsx';
import {
  draftOf,
  firstMissing,
  keepDraft,
  keptDraft,
  reviewOf,
  valueIn,
  withComment,
  withValue,
  type Draft,
} from './draft.ts';
import { QueueGuidelines } from './queue-guidelines.tsx';
import { Reading } from './reading.tsx';
import { useKeys } from './use-keys.ts';
import type { useTask } from './use-task.ts';
import styles from './score.module.css';

/** One item: what is to be read, and what is asked. */
export function TaskView(props: {
  queue: ReviewQueue;
  task: ReviewTask;
  state: ReturnType<typeof useTask>;
  onShowKeys: () => void;
}) {
  const { queue, task, state, onShowKeys } = props;
  const { submit, isBusy } = state;
  const metrics = queue.humanMetrics;
  const announce = useAnnounce();
  const narrow = useMediaQuery('(max-width: 60rem)', false, { getInitialValueInEffect: false });
  const [draft, setDraft] = useState<Draft>(() => keptDraft(queue.id, task.place) ?? draftOf(task));
  const [current, setCurrent] = useState(() => Math.max(0, firstMissing(draft, metrics)));
  /** Metrics whose comment is open without one being written yet. */
  const [commenting, setCommenting] = useState<string>();
  const [noting, setNoting] = useState(draft.note !== '');
  const [isMissing, setMissing] = useState(false);
  const [open, setOpen] = useLocalStorage({
    key: 'llm-eval-review-guidelines',
    defaultValue: true,
    getInitialValueInEffect: false,
  });
  // A phone has no room for them beside the item.
  const [openHere, setOpenHere] = useState(false);
  const guidelines = narrow ? openHere : open;
  const toggleGuidelines = (): void =>
    narrow ? setOpenHere((before) => !before) : setOpen((before) => !before);
  const form = useRef<HTMLFormElement>(null);

  const change = (next: Draft): void => {
    if (isBusy) return;
    setDraft(next);
    keepDraft(queue.id, task.place, next);
  };
  const focusOn = (index: number): void => {
    // On a phone only the question that is asked is there to be focused.
    flushSync(() => setCurrent(index));
    const field = form.current?.querySelectorAll('fieldset')[index];
    field?.focus({ preventScroll: true });
    field?.scrollIntoView({ block: 'nearest' });
  };
  const give = (metric: HumanMetric, value: Chosen): void => {
    change(withValue(draft, metric, value));
    setMissing(false);
  };
  const send = (): void => {
    if (isBusy) return;
    const missing = firstMissing(draft, metrics);
    if (missing !== -1) {
      setMissing(true);
      announce(`${metrics[missing]?.name} has no value yet`);
      return focusOn(missing);
    }
    submit.mutate({ place: task.place, review: reviewOf(draft, metrics) });
  };
  const skip = (): void => {
    if (isBusy) return;
    submit.mutate({ place: task.place, review: { scores: [], note: null, skip: true } });
  };
  const openText = (name: 'comment' | 'note'): void => {
    const of = metrics[current];
    // At once, since the next key is already meant for the field.
    flushSync(() => {
      if (name === 'note') setNoting(true);
      else setCommenting(of?.id);
    });
    const field = name === 'note' ? '[data-note]' : `[data-comment="${of?.id ?? ''}"]`;
    form.current?.querySelector<HTMLElement>(field)?.focus();
  };
  useKeys({
    choose(key) {
      const metric = metrics[current];
      if (!metric || isBusy) return false;
      const options = optionsOf(metric.scale);
      const chosen = key === 'x' ? null : options?.find((option) => option.key === key)?.value;
      if (chosen === undefined) {
        // The key itself goes into the field.
        if (options === undefined && /^[\d.-]$/.test(key)) {
          const field = form.current?.querySelectorAll('fieldset')[current];
          field?.querySelector<HTMLInputElement>('[data-number]')?.select();
        }
        return false;
      }
      give(metric, chosen);
      if (current + 1 < metrics.length) focusOn(current + 1);
      return true;
    },
    shift(step) {
      const metric = metrics[current];
      const options = metric && optionsOf(metric.scale);
      if (!metric || !options || isBusy) return;
      const values = [...options.map(({ value }) => value), null];
      const before = valueIn(draft, metric);
      const place = before === undefined ? (step > 0 ? -1 : 0) : values.indexOf(before);
      give(metric, values.at((place + step) % values.length) ?? null);
    },
    move: (step) => focusOn(Math.min(metrics.length - 1, Math.max(0, current + step))),
    submit: send,
    skip,
    back: () => !isBusy && state.onBack?.(),
    forward: () => !isBusy && state.onForward?.(),
    comment: () => openText('comment'),
    note: () => openText('note'),
    guidelines: toggleGuidelines,
    keys: onShowKeys,
    leaveText: () => focusOn(current),
  });
  const begin = useEffectEvent(() => {
    window.scrollTo({ top: 0 });
    announce(`Item ${task.key}`);
    form.current?.querySelectorAll('fieldset')[current]?.focus({ preventScroll: true });
  });
  useEffect(() => begin(), []);

  const written = <QueueGuidelines queue={queue} isOpen={guidelines} onToggle={toggleGuidelines} />;
  return (
    <div className={styles.task} aria-busy={isBusy} data-busy={isBusy || undefined}>
      <div className={styles.reading}>
        {narrow && written}
        <Reading queue={queue} task={task} />
      </div>
      <Controls
        ref={form}
        narrow={narrow}
        queue={queue}
        task={task}
        state={state}
        draft={draft}
        current={current}
        missing={isMissing ? firstMissing(draft, metrics) : -1}
        commenting={commenting}
        noting={noting}
        onFocus={setCurrent}
        onGive={(metric, value) => {
          give(metric, value);
          const isChoice = optionsOf(metric.scale) !== undefined;
          if (narrow && isChoice && current + 1 < metrics.length) focusOn(current + 1);
        }}
        onAsk={focusOn}
        valueOf={(metric) => valueIn(draft, metric)}
        onComment={(metric, text) => change(withComment(draft, metric, text))}
        onNote={(note) => change({ ...draft, note })}
        onOpen={openText}
        onNext={() => focusOn(Math.min(metrics.length - 1, current + 1))}
        onSubmit={send}
        onSkip={skip}
      >
        {!narrow && written}
      </Controls>
    </div>
  );
}
