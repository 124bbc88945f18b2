import { Button, NumberInput } from '@mantine/core';
import { OctagonX, Play } from 'lucide-react';
import { useState, type SubmitEvent } from 'react';
import type { RetryRun, Run } from '#libs/contracts';
import { ProblemPanel } from '../../components/problem.tsx';
import { formatCount } from '../../format/numbers.ts';
import { useMay } from '../../queries/session.ts';
import { useRetry } from './use-retry.ts';
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
        <p>{run.reason ?? 'The run stopped before its end.'}</p>
        <p className={styles.left}>
          {formatCount(left)} of {formatCount(run.total)} items are open
          {run.failed > 0 && `, ${formatCount(run.failed)} failed`}. Continuing does them all.
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

/** A run that stopped at a cap goes on only with a higher one. */
function Continue({ run, busy, onContinue }: ContinueProps) {
  const { stopCode, maxCostUsd, maxDurationMs } = run;
  const spent = run.costUsd + run.judgeCostUsd;
  const [cap, setCap] = useState<number | string>(() => {
    if (stopCode === 'cost_cap')
      return Number((2 * Math.max(spent, maxCostUsd ?? 0)).toPrecision(2));
    return Math.max(1, Math.ceil((maxDurationMs ?? minuteMs) / minuteMs));
  });
  const value = typeof cap === 'number' ? cap : Number.NaN;
  const asksForCap = stopCode === 'cost_cap' || stopCode === 'time_cap';
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (stopCode === 'cost_cap') onContinue({ maxCostUsd: value });
    else if (stopCode === 'time_cap') onContinue({ maxDurationMs: value * minuteMs });
    else onContinue({});
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      {stopCode === 'cost_cap' && (
        <NumberInput
          size="xs"
          label="New cap in all, in US dollars"
          className={styles.cap}
          min={0}
          decimalScale={4}
          value={cap}
          onChange={setCap}
        />
      )}
      {stopCode === 'time_cap' && (
        <NumberInput
          size="xs"
          label="Minutes more"
          className={styles.cap}
          min={1}
          value={cap}
          onChange={setCap}
        />
      )}
      <Button
        type="submit"
        size="xs"
        leftSection={<Play size={14} aria-hidden />}
        disabled={busy || (asksForCap && !(value > 0))}
      >
        {busy ? 'Continuing…' : 'Continue'}
      </Button>
    </form>
  );
}
