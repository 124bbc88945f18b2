import { ActionIcon, Skeleton } from '@mantine/core';
import { Maximize2 } from 'lucide-react';
import { usageMetrics, type Run, type RunDistribution, type UsageMetric } from '#libs/contracts';
import { Scrollable } from '../../../components/scrollable.tsx';
import { formatCount } from '../../../format/numbers.ts';
import { Histogram } from './histogram.tsx';
import { useDistribution } from './use-distribution.ts';
import { usageFormat, usageName } from './usage-names.ts';
import styles from './usage.module.css';

/** What the target used for an item: latency, tokens and cost; nothing where nothing was recorded. */
export function Usage({
  run,
  table,
  onDetails,
}: {
  run: Run;
  table: boolean;
  onDetails: (name: UsageMetric) => void;
}) {
  const [latency, input, output, cost] = [
    useDistribution(run, 'latency_ms'),
    useDistribution(run, 'input_tokens'),
    useDistribution(run, 'output_tokens'),
    useDistribution(run, 'cost_usd'),
  ];
  const queries = {
    latency_ms: latency,
    input_tokens: input,
    output_tokens: output,
    cost_usd: cost,
  };
  const isPending = Object.values(queries).some((query) => query.isPending);
  const recorded = usageMetrics.flatMap((name) => {
    const { data } = queries[name];
    return data && data.n > 0 ? [{ name, data }] : [];
  });
  if (!isPending && recorded.length === 0) return null;
  return (
    <section className={styles.section} aria-labelledby="usage">
      <h2 id="usage">Latency, tokens, cost</h2>
      {isPending ? (
        <Skeleton height={table ? 120 : 168} />
      ) : table ? (
        <UsageTable rows={recorded} onDetails={onDetails} />
      ) : (
        <div className={styles.cards}>
          {recorded.map(({ name, data }) => (
            <Card key={name} name={name} data={data} onDetails={() => onDetails(name)} />
          ))}
        </div>
      )}
    </section>
  );
}

function Card({
  name,
  data,
  onDetails,
}: {
  name: UsageMetric;
  data: RunDistribution;
  onDetails: () => void;
}) {
  const format = usageFormat[name];
  const shown = (value: number | null): string => (value === null ? '–' : format(value));
  return (
    <article className={styles.card} aria-label={usageName[name]}>
      <div className={styles.head}>
        <h3>{usageName[name]}</h3>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={`Details of ${usageName[name]}`}
          title="Details"
          aria-haspopup="dialog"
          onClick={onDetails}
        >
          <Maximize2 size={13} aria-hidden />
        </ActionIcon>
      </div>
      <p className={`numeric ${styles.middle}`}>
        {shown(data.p50)} <span className={styles.soft}>median</span>
      </p>
      <Histogram bins={data.bins} height={36} format={format} />
      <dl className={`numeric ${styles.facts}`}>
        <Fact name="mean" value={shown(data.mean)} />
        <Fact name="p90" value={shown(data.p90)} />
        <Fact name="p95" value={shown(data.p95)} />
        <Fact name="p99" value={shown(data.p99)} />
        <Fact name="max" value={shown(data.max)} />
      </dl>
    </article>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function UsageTable({
  rows,
  onDetails,
}: {
  rows: { name: UsageMetric; data: RunDistribution }[];
  onDetails: (name: UsageMetric) => void;
}) {
  return (
    <Scrollable className={styles.scroll} label="Latency, tokens and cost, table">
      <table className={`numeric ${styles.table}`}>
        <thead>
          <tr>
            <th scope="col">Per item</th>
            {['Items', 'Mean', 'Min', 'Median', 'p90', 'p95', 'p99', 'Max'].map((title) => (
              <th scope="col" key={title}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, data: { n, mean, min, p50, p90, p95, p99, max } }) => (
            <tr key={name}>
              <th scope="row">
                <button
                  type="button"
                  className={styles.name}
                  aria-haspopup="dialog"
                  onClick={() => onDetails(name)}
                >
                  {usageName[name]}
                </button>
              </th>
              <td>{formatCount(n)}</td>
              {Object.entries({ mean, min, p50, p90, p95, p99, max }).map(([which, value]) => (
                <td key={which}>{value === null ? '–' : usageFormat[name](value)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrollable>
  );
}
