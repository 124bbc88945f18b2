import { Badge } from '@mantine/core';
import { GitCompareArrows, Pin } from 'lucide-react';
import type { Run } from '#libs/contracts';
import { ButtonLink } from '../../components/button-link.tsx';
import { useBaseline } from './use-baseline.ts';

/**
 * Leads to the run beside the baseline of its dataset, or to the choice of what it is compared with where
 * none is pinned; says so where it is the baseline itself.
 */
export function CompareWithBaseline({ run }: { run: Run }) {
  const { baseline, isBaseline } = useBaseline(run);
  if (isBaseline) {
    return (
      <Badge
        variant="default"
        size="lg"
        radius="sm"
        tt="none"
        leftSection={<Pin size={12} aria-hidden />}
        title={`Runs of ${run.datasetName} are compared with this one`}
      >
        Baseline
      </Badge>
    );
  }
  if (run.done === 0) return null;
  return (
    <ButtonLink
      to="/compare"
      search={{ runs: baseline ? `${baseline.runId},${run.id}` : run.id }}
      variant="default"
      size="xs"
      leftSection={<GitCompareArrows size={14} aria-hidden />}
      title={baseline ? `The baseline is “${baseline.runName}”` : 'Choose what it is compared with'}
    >
      {baseline ? 'Compare with the baseline' : 'Compare'}
    </ButtonLink>
  );
}
