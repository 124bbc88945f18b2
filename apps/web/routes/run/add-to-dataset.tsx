import { Button, Group, Radio, Select, Stack, TagsInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { MOST_FILTERED, type Run } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { ButtonLink } from '../../components/button-link.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { formatCount } from '../../format/numbers.ts';
import { client } from '../../queries/client.ts';
import { datasetKeys, datasetsQuery } from '../../queries/datasets.ts';
import type { ItemFilter } from '../../queries/runs.ts';
import styles from './add-to-dataset.module.css';

/** As many items as one edit of a dataset takes. */
export const mostAdded = 1_000;

/** Items one by one, or all that a filter takes, whose number may not be known. */
export type Added =
  { items: { key: string; repeat: number }[] } | { filter: ItemFilter; count: number | undefined };

/** Makes items of the run items of a dataset, in a new version of it. */
export function AddToDataset({
  run,
  added,
  onClose,
}: {
  run: Run;
  added: Added;
  onClose: () => void;
}) {
  const announce = useAnnounce();
  const queries = useQueryClient();
  const [datasetId, setDatasetId] = useState<string | null>(null);
  const [expected, setExpected] = useState('keep');
  const [tags, setTags] = useState<string[]>([]);
  const add = useMutation({
    mutationFn: (id: string) =>
      client.editDataset({
        params: { id },
        body: {
          fromRun: {
            runId: run.id,
            ...('items' in added ? { items: added.items } : { filter: added.filter }),
            expected: expected === 'output' ? 'output' : 'keep',
            ...(tags.length > 0 && { tags }),
          },
        },
      }),
    onSuccess: (version) => {
      void queries.invalidateQueries({ queryKey: datasetKeys.all });
      announce(`Added in version ${version.version}`);
    },
  });
  const count = countInWords(added);
  const made = add.data;
  return (
    <Dialog title={`Add ${count} to a dataset`} size="32rem" onClose={onClose}>
      {made ? (
        <Stack gap="sm">
          <p>
            Version {made.version} of the dataset has {formatCount(made.itemCount)} items, with what
            was added. Versions before it stay as they are.
          </p>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            <ButtonLink to="/datasets/$datasetId" params={{ datasetId: made.datasetId }}>
              Show the dataset
            </ButtonLink>
          </Group>
        </Stack>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (datasetId !== null) add.mutate(datasetId);
          }}
        >
          <Stack gap="sm">
            <DatasetChoice value={datasetId} onChange={setDatasetId} />
            <Radio.Group label="Expected value" value={expected} onChange={setExpected}>
              <Stack gap={4} mt={4}>
                <Radio value="keep" label="As it was in the dataset of this run" />
                <Radio value="output" label="The output of this run" />
              </Stack>
            </Radio.Group>
            <TagsInput
              label="Tags to add"
              placeholder={tags.length === 0 ? 'such as regression' : ''}
              value={tags}
              onChange={setTags}
              maxTags={50}
            />
            <p className={styles.note}>
              {'filter' in added && added.count === undefined && (
                <>At most {formatCount(MOST_FILTERED)} items at once. </>
              )}
              An item whose key the dataset has already is replaced. Inputs, tags, split and
              metadata come along, with a note which run they are from.
            </p>
            {add.isError && <ProblemPanel error={add.error} doing="add to this dataset" />}
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" disabled={datasetId === null || add.isPending}>
                {add.isPending ? 'Adding…' : `Add ${count}`}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  );
}

function countInWords(added: Added): string {
  const count = 'items' in added ? added.items.length : added.count;
  if (count !== undefined) return `${formatCount(count)} ${count === 1 ? 'item' : 'items'}`;
  const isFiltered =
    'filter' in added && Object.values(added.filter).some((value) => value !== undefined);
  return isFiltered ? 'all items that the filters take' : 'all items of the run';
}

function DatasetChoice({
  value,
  onChange,
}: {
  value: string | null;
  onChange: (id: string | null) => void;
}) {
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState<{ value: string; label: string }>();
  const [search] = useDebouncedValue(typed.trim(), 250);
  const isName = search === '' || search === chosen?.label;
  const query = useInfiniteQuery(datasetsQuery(isName ? {} : { search }));
  const found = query.data?.pages[0]?.items ?? [];
  const data = found.map(({ id, name }) => ({ value: id, label: name }));
  if (query.isError) {
    return <ProblemPanel error={query.error} doing="load the datasets" />;
  }
  return (
    <Select
      label="Dataset"
      placeholder="Type a part of its name"
      required
      searchable
      data={[
        ...data,
        ...(chosen && !data.some(({ value: id }) => id === chosen.value) ? [chosen] : []),
      ]}
      // What was found is shown as it is: the server has looked already.
      filter={({ options }) => options}
      searchValue={typed}
      onSearchChange={setTyped}
      nothingFoundMessage={query.isPending ? 'Looking…' : 'No dataset has this in its name'}
      value={value}
      onChange={(id, option) => {
        setChosen(id === null ? undefined : { value: id, label: option?.label ?? id });
        onChange(id);
      }}
    />
  );
}
