import { Button, Group, Modal } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Ban, Pause, Play, RotateCcw, type LucideIcon } from 'lucide-react';
import { useState } from 'react';
import { nextState, type RunAction } from '#libs/evaluation';
import type { Run } from '#libs/contracts';
import { client } from '../../queries/client.ts';
import { runKeys, runQuery } from '../../queries/runs.ts';
import { useMay } from '../../queries/session.ts';
import { ProblemPanel } from '../../components/problem.tsx';
import { formatCount } from '../../format/numbers.ts';
import styles from './actions.module.css';

type Control = Extract<RunAction, 'pause' | 'resume' | 'cancel' | 'retry'>;

const calls = {
  pause: client.pauseRun,
  resume: client.resumeRun,
  cancel: client.cancelRun,
  retry: (request: { params: { id: string } }) => client.retryRun({ ...request, body: {} }),
} as const;

const controls: { action: Control; label: string; busy: string; icon: LucideIcon }[] = [
  { action: 'pause', label: 'Pause', busy: 'Pausing…', icon: Pause },
  { action: 'resume', label: 'Resume', busy: 'Resuming…', icon: Play },
  { action: 'retry', label: 'Retry failed', busy: 'Retrying…', icon: RotateCcw },
  { action: 'cancel', label: 'Cancel', busy: 'Canceling…', icon: Ban },
];

/** What may be done to the run in its state, by somebody who may write. */
export function Actions({ run }: { run: Run }) {
  const mayControl = useMay('editor');
  const queries = useQueryClient();
  const [confirming, setConfirming] = useState(false);
  const control = useMutation({
    mutationFn: (action: Control) => calls[action]({ params: { id: run.id } }),
    onSuccess: (answered) => {
      queries.setQueryData(runQuery(run.id).queryKey, answered);
      void queries.invalidateQueries({ queryKey: runKeys.lists });
    },
    onSettled: () => setConfirming(false),
  });
  if (!mayControl) return null;

  const offered = controls.filter(
    ({ action }) =>
      // One that stopped early is continued where it says why.
      nextState(run.state, action) !== undefined &&
      (action !== 'retry' || (run.failed > 0 && run.state !== 'failed')),
  );
  return (
    <>
      {offered.length > 0 && (
        <Group gap="xs">
          {offered.map(({ action, label, busy, icon: Icon }) => (
            <Button
              key={action}
              variant="default"
              size="xs"
              leftSection={<Icon size={14} aria-hidden />}
              disabled={control.isPending}
              onClick={() => (action === 'cancel' ? setConfirming(true) : control.mutate(action))}
            >
              {control.isPending && control.variables === action ? busy : label}
            </Button>
          ))}
        </Group>
      )}
      {control.isError && (
        <div className={styles.problem}>
          <ProblemPanel
            error={control.error}
            doing={`${control.variables} this run`}
            onRetry={() => control.mutate(control.variables)}
          />
        </div>
      )}
      <Modal
        opened={confirming}
        onClose={() => setConfirming(false)}
        withCloseButton={false}
        centered
      >
        <Modal.Title className={styles.question}>Cancel “{run.name}”?</Modal.Title>
        <p>
          A canceled run never goes on. {formatCount(run.done)} of {formatCount(run.total)} items
          are done; their results stay, the others are not evaluated.
        </p>
        <Group justify="flex-end" mt="md" gap="xs">
          <Button variant="default" onClick={() => setConfirming(false)} data-autofocus>
            Keep it
          </Button>
          <Button
            color="red.8"
            disabled={control.isPending}
            onClick={() => control.mutate('cancel')}
          >
            {control.isPending ? 'Canceling…' : 'Cancel the run'}
          </Button>
        </Group>
      </Modal>
    </>
  );
}
