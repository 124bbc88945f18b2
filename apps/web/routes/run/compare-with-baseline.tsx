import { Badge, Button } from '@mantine/core';
import { GitCompareArrows, Pin } from 'lucide-react';
import type { Run } from '#libs/contracts';
import { useBaseline } from './use-baseline.ts';

/** Leads to the run beside the baseline of its dataset; says so where it is that itself. */
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
  if (!baseline || run.done === 0) return null;
  return (
    <Button
      component="a"
      href={`/compare?runs=${baseline.runId},${run.id}`}
      variant="default"
      size="xs"
      leftSection={<GitCompareArrows size={14} aria-hidden />}
      title={`The baseline is “${baseline.runName}”`}
    >
      Compare with the baseline
    </Button>
  );
}
