import { NativeSelect, SegmentedControl, Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { Differences } from './differences.tsx';
import { Gates } from './gates.tsx';
import { Items } from './items.tsx';
import { Ranking } from './ranking.tsx';
import { compareViews, type CompareView } from './search.ts';
import { SettingsTable } from './settings-table.tsx';
import { Slices } from './slices.tsx';
import { Trend } from './trend.tsx';
import { labelOf, useCompared, useSetSearch } from './compared.ts';
import styles from './parts.module.css';

const route = getRouteApi('/app/compare');

const names: Record<CompareView, string> = {
  differences: 'Differences',
  items: 'Items',
  slices: 'Slices',
  ranking: 'Ranking',
  settings: 'Settings',
  trend: 'Trend',
  gates: 'Gates',
};
const bodies: Record<CompareView, () => React.ReactNode> = {
  differences: Differences,
  items: Items,
  slices: Slices,
  ranking: Ranking,
  settings: SettingsTable,
  trend: Trend,
  gates: Gates,
};

/** The parts of a comparison under their tabs, and which candidate and metric they are about. */
export function Parts() {
  const { comparison, result, candidate, metric } = useCompared();
  const { view = 'differences', show } = route.useSearch();
  const set = useSetSearch();
  const offered = compareViews.filter((one) => one !== 'ranking' || result.candidates.length > 1);
  const shown = offered.includes(view) ? view : 'differences';
  const Body = bodies[shown];
  return (
    <>
      <fieldset className={styles.about}>
        <legend className="visually-hidden">What the parts below are about</legend>
        {result.candidates.length > 1 && (
          <NativeSelect
            size="xs"
            label="Candidate"
            value={candidate.runId}
            data={result.candidates.map(({ runId }) => ({
              value: runId,
              label: labelOf(comparison, runId),
            }))}
            onChange={({ currentTarget: { value } }) =>
              set({ candidate: value, item: undefined, repeat: undefined })
            }
          />
        )}
        <NativeSelect
          size="xs"
          label="Metric"
          value={metric.metric}
          data={candidate.metrics.map((one) => ({ value: one.metric, label: one.metric }))}
          onChange={({ currentTarget: { value } }) =>
            set({ metric: value, item: undefined, repeat: undefined })
          }
        />
        <SegmentedControl
          size="xs"
          aria-label="Show drawings as"
          className={styles.show}
          data={[
            { value: 'charts', label: 'Charts' },
            { value: 'tables', label: 'Tables' },
          ]}
          value={show ?? 'charts'}
          onChange={(value) => set({ show: value === 'tables' ? value : undefined })}
        />
      </fieldset>
      <Tabs
        value={shown}
        keepMounted={false}
        onChange={(value) =>
          set({
            view: compareViews.find((one) => one === value && one !== 'differences'),
            item: undefined,
            repeat: undefined,
          })
        }
      >
        <Tabs.List aria-label="Parts of the comparison" className={styles.tabs}>
          {offered.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {names[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {offered.map((one) => (
          <Tabs.Panel key={one} value={one} tabIndex={-1} className={styles.panel}>
            {one === shown && <Body />}
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}
