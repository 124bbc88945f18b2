import { Autocomplete, Button, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Run, RunMetric } from '#libs/contracts';
import { CalibrationView } from '../../../components/calibration.tsx';
import { ProblemPanel } from '../../../components/problem.tsx';
import { client } from '../../../queries/client.ts';
import { dimensionsQuery } from '../../../queries/comparisons.ts';
import styles from './metric-details.module.css';

/** How far the metric says what people say, by labels that stand in the items of the dataset. */
export function AgainstLabels({ run, metric }: { run: Run; metric: RunMetric }) {
  const [labelPath, setLabelPath] = useState('');
  const [passFrom, setPassFrom] = useState('');
  const dimensions = useQuery(dimensionsQuery(run.datasetId, run.datasetVersion));
  const paths = dimensions.data?.filter((path) => path.startsWith('metadata.')) ?? [];
  const calibration = useMutation({
    mutationFn: () =>
      client.calibrateRun({
        params: { id: run.id },
        body: {
          metric: metric.name,
          labelPath: labelPath.trim(),
          ...(passFrom.trim() !== '' && { threshold: Number(passFrom) }),
        },
      }),
  });
  const isNumber = passFrom.trim() === '' || Number.isFinite(Number(passFrom));
  return (
    <>
      <form
        className={styles.labels}
        onSubmit={(event) => {
          event.preventDefault();
          if (labelPath.trim() !== '' && isNumber) calibration.mutate();
        }}
      >
        <Autocomplete
          size="xs"
          label="Labels stand at"
          placeholder="metadata.human"
          data={[...paths, 'expected']}
          value={labelPath}
          onChange={setLabelPath}
          comboboxProps={{ withinPortal: false }}
        />
        <TextInput
          size="xs"
          label="Pass from"
          placeholder="for numbers"
          inputMode="decimal"
          error={isNumber ? undefined : 'must be a number'}
          value={passFrom}
          onChange={({ currentTarget }) => setPassFrom(currentTarget.value)}
        />
        <Button
          type="submit"
          size="xs"
          variant="default"
          disabled={labelPath.trim() === '' || calibration.isPending}
        >
          {calibration.isPending ? 'Comparing…' : 'Compare'}
        </Button>
      </form>
      {calibration.isError && (
        <ProblemPanel error={calibration.error} doing="compare with these labels" />
      )}
      {calibration.data && <CalibrationView calibration={calibration.data} />}
    </>
  );
}
