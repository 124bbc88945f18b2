import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { RunMetricSpec, Score } from '#libs/contracts';
import { z } from 'zod';
import { CopyButton } from '../../components/copy-button.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { Scrollable } from '../../components/scrollable.tsx';
import { metricQuery } from '../../queries/metrics.ts';
import styles from './item-panel.module.css';

/** What every judge keeps with its scores. */
const judged = z.object({
  judge: z.object({
    model: z.string(),
    prompts: z.array(
      z.object({ name: z.string(), version: z.number(), edited: z.boolean().optional() }),
    ),
  }),
});
const edits = z.object({ prompts: z.record(z.string(), z.string()) });

/** The prompts that a judge was asked with; nothing where no judge gave the score. */
export function JudgePrompts({ score, spec }: { score: Score; spec: RunMetricSpec | undefined }) {
  const [open, setOpen] = useState(false);
  const read = judged.safeParse(score.details);
  if (!read.success || !spec) return null;
  const { model, prompts } = read.data.judge;
  return (
    <details
      className={styles.details}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>Judge’s prompt, asked of {model}</summary>
      {open && <Prompts name={score.name} spec={spec} prompts={prompts} />}
    </details>
  );
}

function Prompts({
  name,
  spec,
  prompts,
}: {
  name: string;
  spec: RunMetricSpec;
  prompts: z.infer<typeof judged>['judge']['prompts'];
}) {
  const query = useQuery(metricQuery(spec.metric));
  const edited = edits.safeParse(spec.config).data?.prompts ?? {};
  if (query.isError) {
    return (
      <ProblemPanel
        error={query.error}
        doing="load the prompts of this metric"
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (!query.data) return <Skeleton height={96} />;
  return prompts.map((prompt) => {
    const own = query.data.prompts.find((one) => one.name === prompt.name);
    const text = edited[prompt.name] ?? own?.text;
    const label = `Prompt ${prompt.name} of ${name}`;
    return (
      <div key={prompt.name} className={styles.prompt}>
        <p className={styles.soft}>
          {prompt.name},{' '}
          {prompt.edited === true ? 'changed for this run' : `version ${prompt.version}`}
          {prompt.edited !== true &&
            own !== undefined &&
            own.version !== prompt.version &&
            `; shown is version ${own.version}, which came after this run`}
          . Between {'{{ }}'} stand the parts of the item.
        </p>
        {text === undefined ? (
          <p className={styles.soft}>This version of the server does not have its text any more.</p>
        ) : (
          <div className={styles.detailsBody}>
            <Scrollable className={styles.value} label={label}>
              <pre>{text}</pre>
            </Scrollable>
            <CopyButton text={text} label={`Copy the ${label.toLowerCase()}`} />
          </div>
        )}
      </div>
    );
  });
}
