import { Button, Group } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { RetriedFailures, RetryFailures } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { formatCount } from '../../format/numbers.ts';
import { client } from '../../queries/client.ts';
import { operationKeys, retryPreviewQuery } from '../../queries/operations.ts';
import { runKeys } from '../../queries/runs.ts';
import styles from './retry-dialog.module.css';

const counted = (count: number, noun: string): string =>
  `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;

/** Shows how much a retry would touch before it does, and what it did. */
export function RetryDialog({
  title,
  request,
  onClose,
}: {
  title: string;
  request: Omit<RetryFailures, 'dryRun'>;
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const preview = useQuery(retryPreviewQuery(request));
  const retry = useMutation({
    mutationFn: () => client.retryFailures({ body: request }),
    onSuccess: (done) => {
      announce(`${counted(done.items, 'item')} and ${counted(done.jobs, 'job')} are tried again`);
      void queries.invalidateQueries({ queryKey: runKeys.all });
      void queries.invalidateQueries({
        queryKey: operationKeys.all,
        predicate: ({ queryKey }) => !queryKey.includes('retry'),
      });
    },
  });
  const shown = retry.data ?? preview.data;
  const nothing = shown?.items === 0 && shown.jobs === 0;
  return (
    <Dialog title={title} size="34rem" onClose={onClose}>
      <div className={styles.body}>
        {shown ? (
          <Told answer={shown} done={retry.isSuccess} />
        ) : preview.isError ? (
          <ProblemPanel
            error={preview.error}
            doing="count what this would touch"
            onRetry={() => void preview.refetch()}
          />
        ) : (
          <p aria-busy="true">Counting what this would touch…</p>
        )}
        {retry.isError && <ProblemPanel error={retry.error} doing="try this again" />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" data-autofocus onClick={onClose}>
            {retry.isSuccess ? 'Close' : 'Leave it'}
          </Button>
          {!retry.isSuccess && (
            <Button
              disabled={!preview.isSuccess || nothing || retry.isPending}
              onClick={() => retry.mutate()}
            >
              {retry.isPending ? 'Retrying…' : labelOf(preview.data)}
            </Button>
          )}
        </Group>
      </div>
    </Dialog>
  );
}

function labelOf(preview: RetriedFailures | undefined): string {
  if (!preview || (preview.items === 0 && preview.jobs === 0)) return 'Retry';
  return preview.items > 0
    ? `Retry ${counted(preview.items, 'item')}`
    : `Retry ${counted(preview.jobs, 'job')}`;
}

function Told({ answer, done }: { answer: RetriedFailures; done: boolean }) {
  const { items, jobs, runs, refused, more } = answer;
  const parts = [
    ...(items > 0 || jobs === 0
      ? [`${counted(items, 'item')} of ${counted(runs.length, 'run')}`]
      : []),
    ...(jobs > 0 ? [counted(jobs, 'failed job')] : []),
  ].join(', ');
  return (
    <>
      <p className={styles.sum}>{done ? `Tried again: ${parts}.` : `This opens ${parts} again.`}</p>
      {!done && items > 0 && (
        <p>
          Their failures are taken out of the numbers of the runs, and calls are made, and paid for,
          once more.
        </p>
      )}
      {done && items > 0 && (
        <p>Their runs go on; the numbers are right when they have completed.</p>
      )}
      {runs.length > 0 && (
        <ul className={styles.runs}>
          {runs.slice(0, 10).map(({ runId, items }) => (
            <li key={runId}>
              <Link to="/runs/$runId" params={{ runId }}>
                {runId}
              </Link>{' '}
              {counted(items, 'item')}
            </li>
          ))}
          {runs.length > 10 && <li>and {formatCount(runs.length - 10)} more runs</li>}
        </ul>
      )}
      {refused.length > 0 && (
        <>
          <p>Left as they are:</p>
          <ul className={styles.runs}>
            {refused.slice(0, 10).map(({ runId, message }) => (
              <li key={runId}>{message}</li>
            ))}
            {refused.length > 10 && <li>and {formatCount(refused.length - 10)} more runs</li>}
          </ul>
        </>
      )}
      {more && (
        <p>
          There are more runs than one go takes{done ? ': do it again for the next ones.' : '.'}
        </p>
      )}
    </>
  );
}
