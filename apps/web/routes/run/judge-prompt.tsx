import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { EvaluationItem, JudgePrompts, Json, RunMetricSpec, Score } from '#libs/contracts';
import { z } from 'zod';
import { CopyButton } from '../../components/copy-button.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { Scrollable } from '../../components/scrollable.tsx';
import { metricQuery } from '../../queries/metrics.ts';
import { judgePromptsQuery } from '../../queries/run-results.ts';
import styles from './item-panel.module.css';

/** What every judge keeps with its scores. */
const judged = z.object({
  judge: z.object({ prompts: z.array(z.object({ name: z.string(), version: z.number() })) }),
});
const asking = z.object({ model: z.object({ provider: z.string() }) });
const nested = z.union([
  z.object({ metrics: z.array(z.looseObject({ config: z.json().optional() })) }),
  z
    .object({ metric: z.looseObject({ config: z.json().optional() }) })
    .transform(({ metric }) => ({ metrics: [metric] })),
]);

interface Judged {
  runId: string;
  item: Pick<EvaluationItem, 'no' | 'attempt'>;
  score: Score;
}

/** What a judge was asked for this score, asked for where somebody wants to see it. */
export function JudgePrompt({ spec, ...of }: Judged & { spec: RunMetricSpec | undefined }) {
  const [open, setOpen] = useState(false);
  if (!spec || !isAsked(of.score, spec.config)) return null;
  return (
    <details
      className={styles.details}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>Judge’s prompt</summary>
      {open && <Prompts {...of} metric={spec.metric} />}
    </details>
  );
}

/** A judge that gave a score says so in its details; of one that failed, or stands in another metric, its settings do. */
function isAsked({ details, error }: Score, config: Json | undefined): boolean {
  if (judged.safeParse(details).success) return true;
  const parts = nested.safeParse(config).data?.metrics;
  return parts
    ? parts.some((part) => asksModel(part.config))
    : error !== undefined && asksModel(config);
}

function asksModel(config: Json | undefined): boolean {
  if (asking.safeParse(config).success) return true;
  return nested.safeParse(config).data?.metrics.some((part) => asksModel(part.config)) === true;
}

function Prompts({ runId, item, score, metric }: Judged & { metric: string }) {
  const query = useQuery(judgePromptsQuery(runId, item, score.name));
  if (query.isError) {
    return (
      <ProblemPanel
        error={query.error}
        doing="render the judge’s prompt"
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (!query.data) return <Skeleton height={96} mt={4} />;
  const { prompts, complete } = query.data;
  if (prompts.length === 0) {
    return <p className={styles.soft}>This metric sent no prompt for this item.</p>;
  }
  return (
    <div className={styles.prompt}>
      <p className={styles.soft}>
        Rendered again from the run’s settings, the item and its output; prompts are not stored.
        <SinceThen score={score} metric={metric} />
      </p>
      {prompts.map((prompt, index) => (
        <Prompt
          // oxlint-disable-next-line react/no-array-index-key -- prompts have no name, and never move
          key={index}
          prompt={prompt}
          label={`Prompt ${prompts.length > 1 ? `${index + 1} ` : ''}of ${score.name}`}
        />
      ))}
      {!complete && (
        <p className={styles.soft}>
          Further prompts depend on what the judge answered to these, which this run did not keep:
          its answers were not cached.
        </p>
      )}
    </div>
  );
}

/** What is rendered is the text that this version of the server has. */
function SinceThen({ score, metric }: { score: Score; metric: string }) {
  const { data } = useQuery(metricQuery(metric));
  const then = judged.safeParse(score.details).data?.judge.prompts ?? [];
  const isChanged = then.some(
    ({ name, version }) =>
      data !== undefined && data.prompts.find((one) => one.name === name)?.version !== version,
  );
  return isChanged && ' The text of this judge has changed since the run: shown is the new one.';
}

function Prompt({ prompt, label }: { prompt: JudgePrompts['prompts'][number]; label: string }) {
  const { provider, model, messages, times } = prompt;
  return (
    <section className={styles.prompt} aria-label={label}>
      <p className={styles.soft}>
        To <code>{`${provider}/${model}`}</code>
        {times > 1 && `, ${times} times`}
      </p>
      {messages.map(({ role, content }, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- a message has nothing but its place
        <div key={index}>
          <p className={styles.role}>{role}</p>
          <div className={styles.detailsBody}>
            <Scrollable className={styles.value} label={`${label}, ${role}`}>
              <pre>{content}</pre>
            </Scrollable>
            <CopyButton text={content} label={`Copy the ${label.toLowerCase()}, ${role}`} />
          </div>
        </div>
      ))}
    </section>
  );
}
