import { Button, Group, Radio } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Dataset, Problem } from '#libs/contracts';
import { ApiError } from '#libs/sdk';
import { useAnnounce } from '../../../components/announcer.tsx';
import { ProblemPanel } from '../../../components/problem.tsx';
import { SkeletonRows } from '../../../components/skeleton-rows.tsx';
import { formatCount } from '../../../format/numbers.ts';
import { client } from '../../../queries/client.ts';
import { datasetKeys, datasetQuery } from '../../../queries/datasets.ts';
import { HowFar } from './how-far.tsx';
import { LineFaults } from './line-faults.tsx';
import { PreviewItems } from './preview-items.tsx';
import { queryOf, usePreview, useWholeFile, type ChosenFile, type Reading } from './use-preview.ts';
import styles from './import.module.css';

/** What becomes of a file that is read so, what is wrong with it, and its way into the dataset. */
export function Outcome(props: {
  dataset: Dataset;
  chosen: ChosenFile;
  reading: Reading;
  onClose: () => void;
}) {
  const { dataset, chosen, reading, onClose } = props;
  const { file } = chosen;
  const { data: look, error: unreadable } = usePreview(chosen, reading);
  const [mode, setMode] = useState<'replace' | 'add'>('replace');
  const announce = useAnnounce();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const sent = { params: { id: dataset.id }, body: file, contentType: reading.mediaType };
  const check = useWholeFile(({ importId, signal }) =>
    client.previewDatasetVersion({ ...sent, query: { ...queryOf(reading), importId }, signal }),
  );
  const keep = useWholeFile(({ importId, signal }) =>
    client.createDatasetVersion({
      ...sent,
      query: { ...queryOf(reading), importId, mode },
      signal,
    }),
  );
  const stop = (): void => {
    check.stop();
    keep.stop();
  };
  const keepNow = (): void =>
    keep.mutate(undefined, {
      onSuccess: ({ version, itemCount, createdAt }) => {
        queries.setQueryData(
          datasetQuery(dataset.id).queryKey,
          (known) => known && { ...known, latestVersion: version, itemCount, changedAt: createdAt },
        );
        void queries.invalidateQueries({ queryKey: datasetKeys.versions(dataset.id) });
        void queries.invalidateQueries({ queryKey: datasetKeys.lists });
        announce(`${formatCount(itemCount)} items are imported as version ${version}`);
        onClose();
        void navigate({
          to: '/datasets/$datasetId',
          params: { datasetId: dataset.id },
          search: {},
        });
      },
    });

  const refused =
    keep.error instanceof ApiError && keep.error.errors.length > 0 ? keep.error : undefined;
  const seen = check.data ?? look?.preview;
  const found: Found = {
    errors: refused?.errors ?? seen?.errors ?? [],
    wrong: refused ? undefined : seen?.wrongLines,
    lines: seen?.lines,
    complete: refused !== undefined || check.data !== undefined || look?.complete === true,
  };
  const busy = check.isPending || keep.isPending;
  const next = (dataset.latestVersion ?? 0) + 1;
  const hopeless = found.errors.length > 0 || (found.complete && found.lines === 0);
  if (unreadable) return <ProblemPanel error={unreadable} doing="read this file" />;
  return (
    <>
      {look ? (
        <>
          <LineFaults errors={found.errors} wrong={found.wrong} complete={found.complete} />
          <PreviewItems preview={look.preview} />
        </>
      ) : (
        <SkeletonRows rows={4} label="Looking at the first lines" />
      )}
      {check.isError && !isStopped(check.error) && (
        <ProblemPanel error={check.error} doing="check the file" />
      )}
      {keep.isError && refused === undefined && !isStopped(keep.error) && (
        <ProblemPanel error={keep.error} doing="import the file" onRetry={keepNow} />
      )}
      {dataset.latestVersion !== null && (
        <Radio.Group
          size="xs"
          label="The items that the dataset has"
          value={mode}
          onChange={(value) => setMode(value === 'add' ? 'add' : 'replace')}
        >
          <Group gap="md" mt={4}>
            <Radio size="xs" value="replace" label="Replace all" disabled={busy} />
            <Radio size="xs" value="add" label="Keep, and add to them" disabled={busy} />
          </Group>
        </Radio.Group>
      )}
      <div className={styles.end}>
        {busy ? (
          <HowFar
            what={keep.isPending ? 'Importing' : 'Checking'}
            file={file}
            progress={keep.progress ?? check.progress}
          />
        ) : (
          <p className={styles.soft}>{look && whatNext(found, next, mode)}</p>
        )}
        <Group gap="xs">
          <Button variant="default" size="xs" onClick={busy ? stop : onClose}>
            {busy ? 'Stop' : 'Cancel'}
          </Button>
          {look && !found.complete && (
            <Button variant="default" size="xs" disabled={busy} onClick={() => check.mutate()}>
              Check the whole file
            </Button>
          )}
          <Button size="xs" disabled={busy || !look || hopeless} onClick={keepNow}>
            Import as version {next}
          </Button>
        </Group>
      </div>
    </>
  );
}

interface Found {
  errors: NonNullable<Problem['errors']>;
  /** Lines; undefined where only the first are known. */
  wrong: number | undefined;
  lines: number | undefined;
  complete: boolean;
}

function whatNext(
  { errors, lines = 0, complete }: Found,
  next: number,
  mode: 'replace' | 'add',
): string {
  if (errors.length > 0) return 'Nothing is kept. Correct the file, then choose it again.';
  if (!complete) {
    return 'Only the beginning was looked at; all of it is checked before any of it is kept.';
  }
  if (lines === 0) return 'The file holds no items.';
  const items = lines === 1 ? 'One item' : `${formatCount(lines)} items`;
  return mode === 'add'
    ? `${items}, added to those that there are; one whose key is there replaces it.`
    : `${items}. Version ${next} will hold nothing else; earlier versions stay.`;
}

const isStopped = (error: Error): boolean => error.name === 'AbortError';
