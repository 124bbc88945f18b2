import type { ReactNode } from 'react';
import { TriangleAlert } from 'lucide-react';
import { isFinal } from '#libs/evaluation';
import type { Run } from '#libs/contracts';
import { ProgressBar } from '../../components/progress.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { RunStateLabel } from '../../components/run-state.tsx';
import { TagList } from '../../components/tag-list.tsx';
import { useNow } from '../../components/use-now.ts';
import {
  formatCompact,
  formatCost,
  formatCount,
  formatPercent,
  formatRate,
} from '../../format/numbers.ts';
import { formatClock, formatDuration } from '../../format/time.ts';
import { useLastNews, useRate, useStale } from '../../live/live.tsx';
import { filterInWords } from './filter-in-words.ts';
import { targetInWords } from '../../components/target-in-words.ts';
import styles from './run-header.module.css';

export function RunHeader({ run, actions }: { run: Run; actions: ReactNode }) {
  const stale = useStale(run);
  const lastNews = useLastNews(run);
  return (
    <section className={styles.header} aria-label="Run">
      <div className={styles.title}>
        <h1>{run.name}</h1>
        <RunStateLabel state={run.state} />
        <span className={styles.about}>
          {run.datasetName} v{run.datasetVersion} · {targetInWords(run.target)}
          {run.filter && ` · ${filterInWords(run.filter)}`}
          {run.repeats > 1 ? ` · ${run.repeats} repeats` : ''} · created{' '}
          <RelativeTime at={run.createdAt} />
        </span>
        <div className={styles.actions}>{actions}</div>
      </div>
      <TagList tags={run.tags} />
      <div className={stale ? `${styles.progress} ${styles.stale}` : styles.progress}>
        <ProgressBar run={run} large />
        <Numbers run={run} stale={stale} />
        {stale && (
          <p className={styles.news}>
            Live updates are interrupted; as of {formatClock(lastNews)}.
          </p>
        )}
      </div>
    </section>
  );
}

function Numbers({ run, stale }: { run: Run; stale: boolean }) {
  const rate = useRate(run);
  const unfinished = !isFinal(run.state);
  const now = useNow(unfinished && run.startedAt !== null ? 1_000 : undefined);
  const left = run.total - run.done;
  const end = run.finishedAt === null ? now : Date.parse(run.finishedAt);
  const elapsed = run.startedAt === null ? undefined : end - Date.parse(run.startedAt);
  const tokens = run.inputTokens + run.outputTokens;
  const judgeTokens = run.judgeInputTokens + run.judgeOutputTokens;
  // Where a finished run's speed is asked for, it is the one of the whole run.
  const overall = !unfinished && elapsed && run.done > 0 ? (run.done * 1000) / elapsed : undefined;
  const speed = rate ?? overall;
  return (
    <dl className={`numeric ${styles.numbers}`}>
      <Fact name="Done" stale={stale}>
        <strong>{formatCount(run.done)}</strong> / {formatCount(run.total)}
        <span className={styles.soft}> {formatPercent(run.done, run.total)}</span>
      </Fact>
      <Fact name="Failed" stale={stale}>
        <span className={run.failed > 0 ? styles.failed : undefined}>
          {run.failed > 0 && <TriangleAlert size={13} aria-hidden />}
          {formatCount(run.failed)}
        </span>
      </Fact>
      <Fact name={unfinished ? 'Rate' : 'Mean rate'}>
        {speed === undefined ? '–' : `${formatRate(speed)} items/s`}
      </Fact>
      {unfinished && (
        <Fact name="Time left">
          {rate !== undefined && rate > 0 ? `about ${formatDuration((left / rate) * 1000)}` : '–'}
        </Fact>
      )}
      <Fact name={unfinished ? 'Elapsed' : 'Took'}>
        {elapsed === undefined ? '–' : formatDuration(elapsed)}
      </Fact>
      {tokens > 0 && (
        <Fact name="Tokens">
          {formatCompact(run.inputTokens)} in, {formatCompact(run.outputTokens)} out
        </Fact>
      )}
      {judgeTokens > 0 && (
        <Fact name="Judges’ tokens">
          {formatCompact(run.judgeInputTokens)} in, {formatCompact(run.judgeOutputTokens)} out
        </Fact>
      )}
      {run.costUsd > 0 && <Fact name="Cost">{formatCost(run.costUsd)}</Fact>}
      {run.judgeCostUsd > 0 && <Fact name="Judges’ cost">{formatCost(run.judgeCostUsd)}</Fact>}
      {run.cacheHits > 0 && (
        <Fact name="From the cache">
          {formatCount(run.cacheHits)} {run.cacheHits === 1 ? 'item' : 'items'}
        </Fact>
      )}
    </dl>
  );
}

function Fact({
  name,
  stale = false,
  children,
}: {
  name: string;
  stale?: boolean;
  children: ReactNode;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={stale ? 'stale' : undefined}>{children}</dd>
    </div>
  );
}
