import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { useEffect, useMemo, useRef } from 'react';
import type { MetricDescription } from '#libs/contracts';
import { ProblemPanel } from '../../components/problem.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { useSlash } from '../../components/use-slash.ts';
import { VirtualTable } from '../../components/virtual-table.tsx';
import { metricsQuery } from '../../queries/metrics.ts';
import { metricColumns, metricTracks } from './columns.tsx';
import { familyName, findMetrics } from './in-words.ts';
import type { CatalogueSearch } from './search.ts';
import styles from './catalogue.module.css';

const route = getRouteApi('/app/catalogue');

/** Every metric there is, to choose from. */
export function Catalogue() {
  const { q = '', family } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(metricsQuery);
  const search = useRef<HTMLInputElement>(null);
  useSlash(search);
  useEffect(() => {
    document.title = 'Metrics · LLM-Eval';
  }, []);
  const set = (change: CatalogueSearch): void =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });

  const found = useMemo(() => findMetrics(query.data ?? [], q), [query.data, q]);
  const shown = found.filter((metric) => family === undefined || metric.family === family);
  return (
    <>
      <div className={styles.top}>
        <h1>Metrics</h1>
        <TextInput
          ref={search}
          size="xs"
          type="search"
          className={styles.search}
          aria-label="Search the metrics"
          placeholder="Search ( / )"
          leftSection={<Search size={14} aria-hidden />}
          value={q}
          onChange={({ currentTarget: { value } }) => set({ q: value === '' ? undefined : value })}
        />
        <Families
          metrics={query.data ?? []}
          found={found}
          chosen={family}
          onChoose={(family) => set({ family })}
        />
      </div>
      {query.data ? (
        <List metrics={shown} total={query.data.length} onShowAll={() => set(everything)} />
      ) : query.isError ? (
        <ProblemPanel
          error={query.error}
          doing="load the metrics"
          onRetry={() => void query.refetch()}
        />
      ) : (
        <SkeletonRows rows={14} label="Loading the metrics" />
      )}
    </>
  );
}

const everything: CatalogueSearch = { q: undefined, family: undefined };

/** Families in the order of the catalogue, each with how many of what was found are in it. */
function Families(props: {
  metrics: MetricDescription[];
  found: MetricDescription[];
  chosen: string | undefined;
  onChoose: (family: string | undefined) => void;
}) {
  const { metrics, found, chosen, onChoose } = props;
  const families = [...new Set(metrics.map(({ family }) => family))];
  const chips = [
    { family: undefined, name: 'All', count: found.length },
    ...families.map((family) => ({
      family,
      name: familyName(family),
      count: found.filter((metric) => metric.family === family).length,
    })),
  ];
  return (
    <fieldset className={styles.chips}>
      <legend className="visually-hidden">Show metrics of a family</legend>
      {chips.map(({ family, name, count }) => (
        <button
          key={name}
          type="button"
          className={styles.chip}
          aria-pressed={chosen === family}
          onClick={() => onChoose(chosen === family ? undefined : family)}
        >
          {name} <span className={`numeric ${styles.count}`}>{count}</span>
        </button>
      ))}
    </fieldset>
  );
}

function List(props: { metrics: MetricDescription[]; total: number; onShowAll: () => void }) {
  const { metrics, total, onShowAll } = props;
  return (
    <>
      <output className="visually-hidden">{metrics.length} metrics found</output>
      {metrics.length === 0 ? (
        <div className={styles.none}>
          <p>No metric matches.</p>
          <button type="button" className={styles.showAll} onClick={onShowAll}>
            Show all {total}
          </button>
        </div>
      ) : (
        <VirtualTable
          label="Metrics"
          columns={metricColumns}
          rows={metrics}
          rowId={({ name }) => name}
          tracks={metricTracks}
          className={styles.table}
          estimatedRowHeight={58}
        />
      )}
    </>
  );
}
