import { Checkbox, Skeleton } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { Run } from '#libs/contracts';
import { ProblemPanel } from '../../components/problem.tsx';
import { Scrollable } from '../../components/scrollable.tsx';
import { formatCount } from '../../format/numbers.ts';
import { runQuery } from '../../queries/runs.ts';
import { useCompared } from './compared.ts';
import { letterOf } from './request.ts';
import { settingsOf, type Setting } from './settings-difference.ts';
import { markDifferences } from './text-difference.ts';
import styles from './settings-table.module.css';

/** What the runs were submitted with, where they differ: where a difference may come from. */
export function SettingsTable() {
  const { comparison } = useCompared();
  const [all, setAll] = useState(false);
  const answers = useQueries({
    queries: comparison.runs.map(({ id }) => ({ ...runQuery(id), staleTime: 60_000 })),
    combine: (results) => ({
      runs: results.flatMap(({ data }) => (data ? [data] : [])),
      isPending: results.some(({ isPending }) => isPending),
      error: results.find(({ error }) => error !== null)?.error ?? undefined,
      retry: () => results.forEach((result) => void result.refetch()),
    }),
  });
  const settings = useMemo(() => settingsOf(answers.runs), [answers.runs]);
  if (answers.error !== undefined) {
    return <ProblemPanel error={answers.error} doing="load the settings" onRetry={answers.retry} />;
  }
  if (answers.isPending) return <Skeleton height={260} />;
  const differing = settings.filter(({ differs }) => differs);
  const shown = all ? settings : differing;
  return (
    <div className={styles.settings}>
      <div className={styles.head}>
        <p>
          {differing.length === 0
            ? 'The runs have the same settings.'
            : `${formatCount(differing.length)} of ${formatCount(settings.length)} settings differ.`}
        </p>
        <Checkbox
          size="xs"
          label="Show those that do not differ too"
          checked={all}
          onChange={({ currentTarget: { checked } }) => setAll(checked)}
        />
      </div>
      {shown.length > 0 && <Table settings={shown} runs={answers.runs} />}
    </div>
  );
}

function Table({ settings, runs }: { settings: Setting[]; runs: Run[] }) {
  const groups = [...new Set(settings.map(({ group }) => group))];
  return (
    <Scrollable label="Settings of the runs" className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Setting</th>
            {runs.map(({ id, name }, index) => (
              <th scope="col" key={id}>
                {letterOf(index)} {name}
              </th>
            ))}
          </tr>
        </thead>
        {groups.map((group) => (
          <tbody key={group}>
            <tr className={styles.group}>
              <th scope="rowgroup" colSpan={runs.length + 1}>
                {group}
              </th>
            </tr>
            {settings
              .filter((setting) => setting.group === group)
              .map(({ name, values, differs }) => (
                <tr key={name} data-differs={differs || undefined}>
                  <th scope="row">{name}</th>
                  {values.map((value, index) => (
                    <td key={runs[index]?.id ?? index}>
                      <Value value={value} against={index > 0 ? values[0] : undefined} />
                    </td>
                  ))}
                </tr>
              ))}
          </tbody>
        ))}
      </table>
    </Scrollable>
  );
}

/** A value; of a long text, such as a prompt, what the baseline's does not have is marked. */
function Value({ value, against }: { value: string | undefined; against: string | undefined }) {
  if (value === undefined) return <span className={styles.unset}>not set</span>;
  if (against === undefined || against === value || value.length < 40) {
    return <span className={styles.value}>{value}</span>;
  }
  const pieces = markDifferences(against, value)?.after ?? [{ text: value, own: false }];
  return (
    <span className={styles.value}>
      {pieces.map((piece, index) =>
        piece.own ? (
          // oxlint-disable-next-line react/no-array-index-key -- pieces have no name, and never move
          <mark key={index}>{piece.text}</mark>
        ) : (
          piece.text
        ),
      )}
    </span>
  );
}
