import { NativeSelect } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import type { Leaderboard, MetricComparison } from '#libs/contracts';
import { Scrollable } from '../../components/scrollable.tsx';
import { formatCount } from '../../format/numbers.ts';
import { letterOfRun, useCompared, useSetSearch } from './compared.ts';
import { numberText, pText, type NumberText } from './number-text.ts';
import { percent } from './summary.ts';
import styles from './ranking.module.css';

const route = getRouteApi('/app/compare');

/** All runs in one order, those that cannot be told apart in one group, and every pair of them. */
export function Ranking() {
  const { comparison, result, candidate, metric } = useCompared();
  const { board } = route.useSearch();
  const set = useSetSearch();
  const { leaderboards } = result;
  const shown =
    leaderboards.find((one) => one.metric === (board ?? metric.metric)) ?? leaderboards[0];
  if (!shown) {
    return (
      <p className={styles.none}>
        No metric of all runs has numbers and a common item to rank them by.
      </p>
    );
  }
  const kindOf = candidate.metrics.find((one) => one.metric === shown.metric) ?? metric;
  const text = numberText(kindOf);
  return (
    <div className={styles.ranking}>
      <div className={styles.head}>
        <NativeSelect
          size="xs"
          aria-label="Rank by"
          value={shown.metric}
          data={leaderboards.map((one) => ({ value: one.metric, label: one.metric }))}
          onChange={({ currentTarget: { value } }) => set({ board: value })}
        />
        <p className={styles.lead}>
          Over the {formatCount(shown.n)} items that all runs have a score for. The intervals hold
          together at {percent(comparison.options.confidence)}. Runs that share a group cannot be
          told apart.
        </p>
      </div>
      <Board board={shown} text={text} kind={kindOf.kind} />
      <h2>Every pair</h2>
      <p className={styles.lead}>
        The difference of the row’s run to the column’s, and its p adjusted for all pairs. What is
        marked with a star holds at {percent(1 - comparison.options.confidence)}.
      </p>
      <Pairs board={shown} text={text} />
    </div>
  );
}

function Board({
  board,
  text,
  kind,
}: {
  board: Leaderboard;
  text: NumberText;
  kind: MetricComparison['kind'];
}) {
  const { comparison } = useCompared();
  const ends = board.runs.flatMap(({ mean, low, high }) => [low ?? mean, high ?? mean]);
  const [from, to] =
    kind === 'binary' ? [0, 1] : [Math.min(...ends, Infinity), Math.max(...ends, -Infinity)];
  const at = (value: number): number =>
    to === from ? 50 : 2 + (96 * (value - from)) / (to - from);
  return (
    <Scrollable label={`Runs ranked by ${board.metric}`} className={styles.scroll}>
      <table className={`numeric ${styles.table}`}>
        <thead>
          <tr>
            <th scope="col">Place</th>
            <th scope="col">Run</th>
            <th scope="col">Mean</th>
            <th scope="col">Interval</th>
            <th scope="col">Groups</th>
          </tr>
        </thead>
        <tbody>
          {board.runs.map(({ runId, mean, low, high, groups }, index) => (
            <tr key={runId}>
              <td>{index + 1}</td>
              <th scope="row">
                <span className={styles.letter}>{letterOfRun(comparison, runId)}</span>{' '}
                {comparison.runs.find(({ id }) => id === runId)?.name}
              </th>
              <td>
                <strong>{text.value(mean)}</strong>
              </td>
              <td className={styles.interval}>
                <svg width="100%" height="14" aria-hidden>
                  <line x1="2%" x2="98%" y1="7" y2="7" className={styles.axis} />
                  {low !== null && high !== null && (
                    <rect
                      x={`${at(low)}%`}
                      width={`${Math.max(0.4, at(high) - at(low))}%`}
                      y="3"
                      height="8"
                      rx="2"
                      className={styles.band}
                    />
                  )}
                  <circle cx={`${at(mean)}%`} cy="7" r="4" className={styles.dot} />
                </svg>
                <span>
                  {low === null || high === null
                    ? '–'
                    : `${text.value(low)} to ${text.value(high)}`}
                </span>
              </td>
              <td>{groups.map((group) => group + 1).join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrollable>
  );
}

function Pairs({ board, text }: { board: Leaderboard; text: NumberText }) {
  const { comparison } = useCompared();
  const level = 1 - comparison.options.confidence;
  const order = board.runs.map(({ runId }) => runId);
  const pairOf = (runId: string, otherRunId: string) => {
    const there = board.pairs.find(
      (pair) => pair.runId === runId && pair.otherRunId === otherRunId,
    );
    if (there) return there;
    const back = board.pairs.find((pair) => pair.runId === otherRunId && pair.otherRunId === runId);
    if (!back) return undefined;
    return {
      ...back,
      difference: -back.difference,
      low: back.high === null ? null : -back.high,
      high: back.low === null ? null : -back.low,
    };
  };
  return (
    <Scrollable label={`Every pair of runs by ${board.metric}`} className={styles.scroll}>
      <table className={`numeric ${styles.matrix}`}>
        <thead>
          <tr>
            <th scope="col">Run</th>
            {order.map((runId) => (
              <th scope="col" key={runId}>
                <span className={styles.letter}>{letterOfRun(comparison, runId)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {order.map((runId) => (
            <tr key={runId}>
              <th scope="row">
                <span className={styles.letter}>{letterOfRun(comparison, runId)}</span>{' '}
                {comparison.runs.find(({ id }) => id === runId)?.name}
              </th>
              {order.map((otherRunId) => {
                const pair = pairOf(runId, otherRunId);
                if (!pair) {
                  return (
                    <td key={otherRunId} className={styles.same}>
                      <span className="visually-hidden">the same run</span>
                    </td>
                  );
                }
                const holds = pair.p !== null && pair.p < level;
                const range =
                  pair.low === null || pair.high === null
                    ? '–'
                    : text.range({ low: pair.low, high: pair.high });
                return (
                  <td key={otherRunId} data-holds={holds || undefined} title={range}>
                    {text.difference(pair.difference)}
                    {holds && ' *'}
                    <span className={styles.p}>p {pText(pair.p)}</span>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrollable>
  );
}
