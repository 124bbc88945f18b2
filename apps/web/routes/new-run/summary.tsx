import { Button } from '@mantine/core';
import { useMutation, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Info, Play, TriangleAlert } from 'lucide-react';
import type { RunPreview, SubmitRun } from '#libs/contracts';
import { ApiError } from '#libs/sdk';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { useAnnounce } from '../../components/announcer.tsx';
import { formatCost, formatCount, formatCompact } from '../../format/numbers.ts';
import { formatDuration } from '../../format/time.ts';
import { client } from '../../queries/client.ts';
import { runPreviewQuery } from '../../queries/new-run.ts';
import { runKeys } from '../../queries/runs.ts';
import { useMay } from '../../queries/session.ts';
import { idempotencyKeyFor } from './idempotency-key.ts';
import { forget } from './kept-draft.ts';
import { useNewRun } from './new-run-context.ts';
import {
  ProgressMark,
  sectionNames,
  sectionOf,
  type Progress,
  type SectionId,
} from './section.tsx';
import styles from './summary.module.css';

const sections = ['dataset', 'target', 'metrics', 'review'] as const;

/** How far the form is, what the run would take, and the button that submits it. */
export function Summary(props: {
  projectId: string;
  progress: Record<SectionId, Progress>;
  faults: readonly { field: string; message: string }[];
  preview: UseQueryResult<RunPreview>;
  onWanted: () => void;
  onRefused: (errors: ApiError['errors']) => void;
}) {
  const { projectId, progress, faults, preview, onWanted, onRefused } = props;
  const { read } = useNewRun();
  const listed = sections.flatMap((id) => faults.filter(({ field }) => sectionOf(field) === id));
  const queries = useQueryClient();
  const navigate = useNavigate();
  const announce = useAnnounce();
  const mayWrite = useMay('editor');
  const submission = useMutation({
    mutationFn: (request: SubmitRun) =>
      client.submitRun({
        body: request,
        headers: { 'idempotency-key': idempotencyKeyFor(projectId, request) },
      }),
    onSuccess: async (run) => {
      forget(projectId);
      void queries.invalidateQueries({ queryKey: runKeys.lists });
      await navigate({ to: '/runs/$runId', params: { runId: run.id } });
    },
    onError: (error) => {
      if (error instanceof ApiError) onRefused(error.errors);
    },
  });
  /** What the server expects of this very run is looked at before it is made. */
  const look = useMutation({
    mutationFn: async (request: SubmitRun) => ({
      request,
      expected: await queries.fetchQuery(runPreviewQuery(request)),
    }),
    onSuccess: ({ request, expected }) => {
      if (expected.failing === 0) submission.mutate(request);
    },
    onError: (error) => {
      if (error instanceof ApiError) onRefused(error.errors);
    },
  });
  const submit = (): void => {
    onWanted();
    if (read.request) look.mutate(read.request);
    else {
      announce(`${read.faults.length} things are missing or wrong`);
      const wrong = new Set(read.faults.map(({ field }) => sectionOf(field)));
      goTo(sections.find((id) => wrong.has(id)) ?? 'review');
    }
  };
  const failure = submission.error ?? look.error;
  const doubtful = look.data && look.data.expected.failing > 0 ? look.data : undefined;
  return (
    <aside className={styles.summary} aria-label="Summary">
      <nav aria-label="Steps">
        <ol className={styles.steps}>
          {sections.map((id) => (
            <li key={id}>
              <a
                href={`#${id}`}
                onClick={(event) => {
                  event.preventDefault();
                  goTo(id);
                }}
              >
                <ProgressMark progress={progress[id]} />
                {sectionNames[id]}
              </a>
            </li>
          ))}
        </ol>
      </nav>
      <Estimate preview={preview} isComplete={read.request !== undefined} />
      {faults.length > 0 && (
        <output className={styles.faults}>
          <p>
            <TriangleAlert size={14} aria-hidden />{' '}
            {faults.length === 1 ? 'One thing is' : `${faults.length} things are`} not right yet:
          </p>
          <ul>
            {listed.map(({ field, message }) => (
              <li key={field}>
                <button type="button" onClick={() => goTo(sectionOf(field))}>
                  {field === '' ? message : `${field} ${message}`}
                </button>
              </li>
            ))}
          </ul>
        </output>
      )}
      {failure && faults.length === 0 && <ProblemPanel error={failure} doing="submit the run" />}
      {!mayWrite && (
        <p className={styles.soft}>
          Your key only reads: submitting needs the key of an editor. The code of the run can be
          copied all the same.
        </p>
      )}
      <Button
        leftSection={<Play size={15} aria-hidden />}
        disabled={!mayWrite || look.isPending || submission.isPending || submission.isSuccess}
        onClick={submit}
      >
        {look.isPending || submission.isPending ? 'Submitting…' : 'Submit the run'}
      </Button>
      {doubtful && !submission.isPending && (
        <SureToFail
          expected={doubtful.expected}
          onSubmit={() => submission.mutate(doubtful.request)}
          onClose={() => look.reset()}
        />
      )}
    </aside>
  );
}

/** Items that are sure to fail are seldom what somebody wants: it is asked once more. */
function SureToFail(props: { expected: RunPreview; onSubmit: () => void; onClose: () => void }) {
  const { expected, onSubmit, onClose } = props;
  const { failing, sampled, warnings } = expected;
  return (
    <Dialog title="Submit it all the same?" size="30rem" onClose={onClose}>
      <p>
        {failing === sampled
          ? 'Every item that was looked at would fail before any call'
          : `${formatCount(failing)} of ${formatCount(sampled)} items that were looked at would fail before any call`}
        . Failed items cost nothing, and have no score.
      </p>
      <ul className={styles.reasons}>
        {warnings.map((warning) => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
      <div className={styles.buttons}>
        <Button variant="default" size="xs" onClick={onClose} data-autofocus>
          Back to the form
        </Button>
        <Button size="xs" onClick={onSubmit}>
          Submit all the same
        </Button>
      </div>
    </Dialog>
  );
}

function goTo(id: SectionId): void {
  const section = document.querySelector(`#${id}`);
  if (!(section instanceof HTMLElement)) return;
  section.scrollIntoView({ block: 'start' });
  section.focus({ preventScroll: true });
}

/** Calls, cost and time, and how much is known of them. */
function Estimate(props: { preview: UseQueryResult<RunPreview>; isComplete: boolean }) {
  const { preview, isComplete } = props;
  const { data, error } = preview;
  if (!isComplete) {
    return (
      <p className={styles.soft}>
        Calls, cost and time are estimated here once the form is complete.
      </p>
    );
  }
  if (error && !(error instanceof ApiError && error.errors.length > 0)) {
    return (
      <ProblemPanel error={error} doing="estimate the run" onRetry={() => void preview.refetch()} />
    );
  }
  const shown = error ? undefined : data;
  const { target, judges } = shown ?? {};
  const calls = target && judges ? target.calls + judges.calls : undefined;
  return (
    <section aria-label="Estimate" className={styles.estimate} aria-busy={preview.isFetching}>
      <h2>Estimate</h2>
      <dl className="numeric">
        <dt>Evaluations</dt>
        <dd>{shown ? formatCount(shown.total) : '–'}</dd>
        <dt>Calls</dt>
        <dd>
          {calls === undefined ? '–' : formatCount(calls)}
          {judges && judges.calls > 0 && (
            <span className={styles.soft}> of them {formatCount(judges.calls)} by judges</span>
          )}
        </dd>
        <dt>Tokens</dt>
        <dd>{shown ? tokensInWords(shown) : '–'}</dd>
        <dt>Cost</dt>
        <dd>{shown ? costInWords(shown) : '–'}</dd>
        <dt>Time</dt>
        <dd>{shown ? timeInWords(shown) : '–'}</dd>
      </dl>
      {shown && shown.warnings.length > 0 && (
        <ul className={styles.warnings} aria-label="Warnings">
          {shown.warnings.map((warning) => (
            <li key={warning}>
              <TriangleAlert size={13} aria-hidden /> {warning}
            </li>
          ))}
        </ul>
      )}
      {shown && shown.assumptions.length > 0 && (
        <details className={styles.assumptions}>
          <summary>
            <Info size={13} aria-hidden /> What it rests on
          </summary>
          <ul>
            {shown.assumptions.map((assumption) => (
              <li key={assumption}>{assumption}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function tokensInWords({ target, judges }: RunPreview): string {
  const sum = (a: number | null, b: number | null): number | null =>
    a === null || b === null ? null : a + b;
  const input = sum(target.inputTokens, judges.inputTokens);
  const output = sum(target.outputTokens, judges.outputTokens);
  if (input === null && output === null) return 'not known';
  if (input === 0 && output === 0) return 'none';
  const told = (count: number | null): string => (count === null ? '?' : formatCompact(count));
  return `${told(input)} in, ${told(output)} out`;
}

/** A price that is not known is never shown as nothing. */
function costInWords({ target, judges }: RunPreview): string {
  if (target.costUsd !== null && judges.costUsd !== null) {
    const sum = target.costUsd + judges.costUsd;
    return sum === 0 ? 'nothing' : `about ${formatCost(sum)}`;
  }
  const known = [
    target.costUsd !== null && target.costUsd > 0 && `${formatCost(target.costUsd)} of the target`,
    judges.costUsd !== null && judges.costUsd > 0 && `${formatCost(judges.costUsd)} of judges`,
  ].filter((part) => part !== false);
  return known.length === 0 ? 'not known' : `${known.join(', ')}, and what is not known`;
}

function timeInWords({ seconds, target, judges }: RunPreview): string {
  if (seconds === null) return 'as long as your code takes';
  if (target.calls + judges.calls === 0) return 'no calls to wait for';
  return `about ${formatDuration(Math.max(1, seconds) * 1000)}`;
}
