import { Button, Textarea } from '@mantine/core';
import { MessageSquarePlus } from 'lucide-react';
import type { ReactNode, Ref } from 'react';
import type { HumanMetric, ReviewQueue, ReviewTask } from '#libs/contracts';
import { valueInWords } from '../../components/human-values.ts';
import { ProblemPanel } from '../../components/problem.tsx';
import { ScaleInput, type Chosen } from '../../components/scale-input.tsx';
import type { Draft } from './draft.ts';
import type { useTask } from './use-task.ts';
import styles from './score.module.css';

/** What is asked of the item, and the way on. */
export function Controls(props: {
  ref: Ref<HTMLFormElement>;
  queue: ReviewQueue;
  task: ReviewTask;
  state: ReturnType<typeof useTask>;
  draft: Draft;
  current: number;
  /** The question that was left open when somebody submitted; -1: none. */
  missing: number;
  commenting: string | undefined;
  noting: boolean;
  /** One question at a time, so that the item stays in sight. */
  narrow: boolean;
  onFocus: (index: number) => void;
  onAsk: (index: number) => void;
  onGive: (metric: HumanMetric, value: Chosen) => void;
  valueOf: (metric: HumanMetric) => Chosen;
  onComment: (metric: HumanMetric, text: string) => void;
  onNote: (note: string) => void;
  onOpen: (text: 'comment' | 'note', metric?: HumanMetric) => void;
  onNext: () => void;
  onSubmit: () => void;
  onSkip: () => void;
  children: ReactNode;
}) {
  const { ref, queue, task, state, draft, current, missing, commenting, noting, children } = props;
  const {
    narrow,
    onFocus,
    onAsk,
    onGive,
    valueOf,
    onComment,
    onNote,
    onOpen,
    onNext,
    onSubmit,
    onSkip,
  } = props;
  const { submit, query } = state;
  return (
    <form
      ref={ref}
      className={styles.controls}
      aria-label="Your scores"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <div className={styles.asked}>
        {children}
        {narrow && queue.humanMetrics.length > 1 && (
          <div className={styles.questions}>
            {queue.humanMetrics.map((metric, index) => {
              const value = valueOf(metric);
              return (
                <button
                  key={metric.id}
                  type="button"
                  aria-current={index === current ? 'step' : undefined}
                  onClick={() => onAsk(index)}
                >
                  {metric.name}
                  {value !== undefined && <strong>{valueInWords(value)}</strong>}
                </button>
              );
            })}
          </div>
        )}
        {queue.humanMetrics.map((metric, index) => {
          const comment = draft.scores[metric.id]?.comment ?? '';
          const isCommented = comment !== '' || commenting === metric.id;
          return (
            <div
              key={metric.id}
              className={styles.metric}
              data-current={index === current || undefined}
              onFocus={() => onFocus(index)}
            >
              <ScaleInput
                label={metric.name}
                scale={metric.scale}
                value={valueOf(metric)}
                keys={index === current}
                onChange={(value) => onGive(metric, value)}
                onEnter={index + 1 < queue.humanMetrics.length ? onNext : onSubmit}
              >
                {missing === index && (
                  <p role="alert" className={styles.missing}>
                    Give a value, or x: cannot tell.
                  </p>
                )}
              </ScaleInput>
              {isCommented ? (
                <Textarea
                  size="xs"
                  aria-label={`Comment on ${metric.name}`}
                  placeholder="Why? (optional)"
                  data-comment={metric.id}
                  autosize
                  minRows={1}
                  maxRows={6}
                  maxLength={5_000}
                  value={comment}
                  onChange={({ currentTarget }) => onComment(metric, currentTarget.value)}
                />
              ) : (
                index === current && (
                  <button type="button" className={styles.quiet} onClick={() => onOpen('comment')}>
                    <MessageSquarePlus size={13} aria-hidden />
                    Comment <kbd aria-hidden>c</kbd>
                  </button>
                )
              )}
            </div>
          );
        })}
        {noting ? (
          <Textarea
            size="xs"
            label="Note on the item"
            description="Stays with the item of the run, for everybody"
            data-note
            autosize
            minRows={2}
            maxRows={8}
            maxLength={5_000}
            value={draft.note}
            onChange={({ currentTarget }) => onNote(currentTarget.value)}
          />
        ) : (
          <button type="button" className={styles.quiet} onClick={() => onOpen('note')}>
            <MessageSquarePlus size={13} aria-hidden />
            Note on the item <kbd aria-hidden>n</kbd>
          </button>
        )}
      </div>
      <div className={styles.way}>
        {submit.isError && (
          <ProblemPanel
            error={submit.error}
            doing={submit.variables.review.skip ? 'skip this item' : 'submit these scores'}
            onRetry={submit.variables.review.skip ? onSkip : onSubmit}
          />
        )}
        {query.isError && (
          <ProblemPanel
            error={query.error}
            doing="load the next item"
            onRetry={() => void query.refetch()}
          />
        )}
        <div className={styles.buttons}>
          <Button
            variant="default"
            disabled={!state.onBack}
            title="Back to the item before (b)"
            onClick={state.onBack}
          >
            Back <kbd>b</kbd>
          </Button>
          {state.onForward && (
            <Button
              variant="default"
              title="Forward, without a change (f)"
              onClick={state.onForward}
            >
              Forward <kbd>f</kbd>
            </Button>
          )}
          {task.mine.state !== 'done' && (
            <Button variant="default" title="Leave it for later (s)" onClick={onSkip}>
              Skip <kbd>s</kbd>
            </Button>
          )}
          <Button type="submit" className={styles.submit}>
            {task.mine.state === 'done' ? 'Replace' : 'Submit'} <kbd>↵</kbd>
          </Button>
        </div>
      </div>
    </form>
  );
}
