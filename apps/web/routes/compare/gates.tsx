import { Button, Skeleton } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ShieldCheck } from 'lucide-react';
import type { Gate, GateResult } from '#libs/contracts';
import { ButtonLink } from '../../components/button-link.tsx';
import { Empty } from '../../components/empty.tsx';
import { GateOutcomeLabel } from '../../components/gate-outcome.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { checkGate, gateKeys, gateResultsQuery, gatesQuery } from '../../queries/gates.ts';
import { useMay } from '../../queries/session.ts';
import { letterOfRun, useCompared } from './compared.ts';
import styles from './gates.module.css';

/** The gates that runs of the dataset have to meet, and whether the candidate does beside the baseline. */
export function Gates() {
  const { comparison, candidate } = useCompared();
  const run = comparison.runs.find(({ id }) => id === candidate.runId);
  const gates = useQuery(gatesQuery(run?.datasetId ?? ''));
  const results = useQuery(gateResultsQuery(candidate.runId));
  if (gates.isError || results.isError) {
    return (
      <ProblemPanel
        error={gates.error ?? results.error}
        doing="load the gates"
        onRetry={() => void (gates.isError ? gates.refetch() : results.refetch())}
      />
    );
  }
  if (!gates.data || !results.data) return <Skeleton height={160} />;
  if (gates.data.length === 0) return <NoGates />;
  return (
    <ul className={styles.gates}>
      {gates.data.map((gate) => (
        <OneGate
          key={gate.id}
          gate={gate}
          isOver={run?.state === 'completed'}
          result={results.data.find(
            ({ gateId, baselineRunId }) =>
              gateId === gate.id && baselineRunId === comparison.baselineRunId,
          )}
        />
      ))}
    </ul>
  );
}

function OneGate({
  gate,
  result,
  isOver,
}: {
  gate: Gate;
  result: GateResult | undefined;
  isOver: boolean;
}) {
  const { comparison, candidate } = useCompared();
  const mayCheck = useMay('editor');
  const queries = useQueryClient();
  const letter = letterOfRun(comparison, candidate.runId);
  const check = useMutation({
    mutationFn: () =>
      checkGate(gate.id, { runId: candidate.runId, baselineRunId: comparison.baselineRunId }),
    onSuccess: () => queries.invalidateQueries({ queryKey: gateKeys.results(candidate.runId) }),
  });
  return (
    <li className={styles.gate}>
      <div className={styles.head}>
        <h2>{gate.name}</h2>
        {result ? (
          <GateOutcomeLabel outcome={result.outcome} />
        ) : (
          <span className={styles.soft}>{letter} is not checked against A yet</span>
        )}
        {result && (
          <span className={styles.soft}>
            checked <RelativeTime at={result.createdAt} />
            {result.rulesChanged && '; the gate has other rules by now'}
          </span>
        )}
        {mayCheck && (
          <Button
            variant="default"
            size="xs"
            className={styles.check}
            leftSection={<ShieldCheck size={14} aria-hidden />}
            disabled={check.isPending || !isOver}
            title={isOver ? undefined : 'Only a completed run is checked'}
            onClick={() => check.mutate()}
          >
            {check.isPending ? 'Checking…' : result ? 'Check again' : `Check ${letter}`}
          </Button>
        )}
      </div>
      {check.isError && (
        <ProblemPanel error={check.error} doing="check this gate" onRetry={() => check.mutate()} />
      )}
      {result && (
        <ul className={styles.rules} aria-label={`Rules of ${gate.name}`}>
          {result.rules.map(({ outcome, reason, rule }) => (
            <li key={`${rule.kind}/${rule.metric}/${reason}`}>
              <GateOutcomeLabel outcome={outcome} />
              <span>{reason.replace(/^(Pass|Fail|Inconclusive): /, '')}</span>
            </li>
          ))}
        </ul>
      )}
      {!result && (
        <p className={styles.soft}>
          {gate.rules.length === 1 ? 'One rule' : `${gate.rules.length} rules`}, about{' '}
          {[...new Set(gate.rules.map(({ metric }) => metric))].join(', ')}.
        </p>
      )}
    </li>
  );
}

const NoGates = () => (
  <Empty title="No gate yet">
    <p>
      A gate is made of rules that each run has to meet beside its baseline, such as “accuracy not
      worse by more than one point”.
    </p>
    <ButtonLink to="/gates" variant="default" size="xs">
      Gates
    </ButtonLink>
  </Empty>
);
