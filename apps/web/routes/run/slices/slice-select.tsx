import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Run } from '#libs/contracts';
import { formatCount } from '../../../format/numbers.ts';
import { summaryQuery } from '../../../queries/datasets.ts';

/** Which part of the items is shown: a split or a tag; parts by metadata are chosen among the slices. */
export function SliceSelect({
  run,
  by,
  value,
  onChange,
}: {
  run: Run;
  by: string | undefined;
  value: string | undefined;
  onChange: (by: string | undefined, value: string | undefined) => void;
}) {
  const { data } = useQuery(summaryQuery(run.datasetId, run.datasetVersion));
  const splits = (data?.splits ?? []).flatMap(({ split, items }) =>
    split === null ? [] : [{ by: 'split', value: split, items }],
  );
  const tags = (data?.tags ?? []).map(({ tag, items }) => ({ by: 'tags', value: tag, items }));
  const isChosen = (one: { by: string; value: string }): boolean =>
    one.by === by && one.value === value;
  const listed = [...splits, ...tags];
  // One that is chosen elsewhere, or does not stand in the list, which is cut.
  const other =
    by !== undefined && value !== undefined && !listed.some(isChosen) ? [{ by, value }] : [];
  const all = [...listed, ...other];
  if (all.length === 0) return null;
  const optionOf = (one: { by: string; value: string; items?: number }) => ({
    value: String(all.findIndex((another) => another === one)),
    label: one.items === undefined ? one.value : `${one.value} (${formatCount(one.items)})`,
  });
  const group = (name: string, ones: Parameters<typeof optionOf>[0][]) =>
    ones.length === 0 ? [] : [{ group: name, items: ones.map(optionOf) }];
  return (
    <NativeSelect
      size="xs"
      aria-label="Slice"
      value={String(all.findIndex(isChosen))}
      data={[
        { value: '-1', label: 'All slices' },
        ...group('Splits', splits),
        ...group('Tags', tags),
        ...group(by ?? '', other),
      ]}
      onChange={({ currentTarget }) => {
        const chosen = all[Number(currentTarget.value)];
        onChange(chosen?.by, chosen?.value);
      }}
    />
  );
}
