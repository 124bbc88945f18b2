import { Button, NumberInput } from '@mantine/core';
import { OctagonX, Play } from 'lucide-react';
import { useState, type SubmitEvent } from 'react';
import type { RetryRun, Run } from '#libs/contracts';
import { ProblemPanel } from '../../components/problem.tsx';
import { formatCost, formatCount } from '../../format/numbers.ts';
import { useMay } from '../../queries/session.ts';
import { useRetry } from './use-retry.ts';
import { spentOn, whyStopped } from './why-stopped.ts';
import styles from './stopped.module.css';

const minuteMs = 60_000;

/** Says why the run stopped before its end, and continues it. */
export function Stopped({ run }: { run: Run }) {
  const mayContinue = useMay('editor') && run.deletedAt === null;
  const retry = useRetry(run.id);
  const left = run.total - run.done;
  return (
    <section className={styles.stopped} aria-label="Stopped early">
      <OctagonX size={16} aria-hidden />
      <div>
        <p>{whyStopped(run)}</p>
        <p className={styles.left}>
          {formatCount(left)} of {formatCount(run.total)} items are open
          {run.failed > 0 && `, ${formatCount(run.failed)} failed`}.{' '}
          {mayContinue
            ? `Continuing does ${run.failed > 0 && left > 0 ? 'both' : 'them'}.`
            : 'The key of an editor can continue the run.'}
        </p>
      </div>
      {mayContinue && (
        <Continue run={run} busy={retry.isPending} onContinue={(how) => retry.mutate(how)} />
      )}
      {retry.isError && (
        <div className={styles.problem}>
          <ProblemPanel error={retry.error} doing="continue this run" />
        </div>
      )}
    </section>
  );
}

interface ContinueProps {
  run: Run;
  busy: boolean;
  onContinue: (how: RetryRun) => void;
}

/** A run that stands at a cap goes on only with a higher one. */
function Continue({ run, busy, onContinue }: ContinueProps) {
  const { stopCode, maxCostUsd, maxDurationMs } = run;
  const spent = spentOn(run);
  const asksForCost = maxCostUsd !== null && spent >= maxCostUsd;
  const asksForTime = stopCode === 'time_cap';
  const [cost, setCost] = useState<number | string>(() =>
    Number((2 * Math.max(spent, maxCostUsd ?? 0)).toPrecision(2)),
  );
  const [minutes, setMinutes] = useState<number | string>(() =>
    Math.max(1, Math.ceil((maxDurationMs ?? minuteMs) / minuteMs)),
  );
  const enough = !asksForCost || (typeof cost === 'number' && cost > spent);
  const long = !asksForTime || (typeof minutes === 'number' && minutes > 0);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    onContinue({
      ...(asksForCost && { maxCostUsd: Number(cost) }),
      ...(asksForTime && { maxDurationMs: Math.round(Number(minutes) * minuteMs) }),
    });
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      {asksForCost && (
        <NumberInput
          size="xs"
          label="New cap in all, in US dollars"
          className={styles.cap}
          min={0}
          decimalScale={6}
          value={cost}
          error={enough ? undefined : `More than the ${formatCost(spent)} that it has cost`}
          onChange={setCost}
        />
      )}
      {asksForTime && (
        <NumberInput
          size="xs"
          label="Minutes more"
          className={styles.cap}
          min={0}
          value={minutes}
          error={long ? undefined : 'More than none'}
          onChange={setMinutes}
        />
      )}
      <Button
        type="submit"
        size="xs"
        leftSection={<Play size={14} aria-hidden />}
        disabled={busy || !enough || !long}
      >
        {busy ? 'Continuing…' : 'Continue'}
      </Button>
    </form>
  );
}
