import { Button, NumberInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { FlaskConical, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { SubmitRun, TriedItem } from '#libs/contracts';
import { describeErrorClass } from '#libs/evaluation';
import { useAnnounce } from '../../components/announcer.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { formatCost, formatCount } from '../../format/numbers.ts';
import { formatLatency } from '../../format/time.ts';
import { client } from '../../queries/client.ts';
import { useMay } from '../../queries/session.ts';
import { ScoreValue } from '../../components/score-value.tsx';
import { ValueBlock } from '../../components/value-block.tsx';
import { useNewRun } from './new-run-context.ts';
import styles from './trial.module.css';

/** Tries one to three items for real, before all of them are paid for. */
export function Trial() {
  const { draft, read, total = 1 } = useNewRun();
  const announce = useAnnounce();
  const mayTry = useMay('editor');
  const [first, setFirst] = useState(1);
  const trial = useMutation({
    mutationFn: ({ request, items, skip }: { request: SubmitRun; items: number; skip: number }) =>
      client.tryRun({ body: { ...request, items, skip } }),
    onSuccess: ({ items }) => announce(`${items.length} items are tried`),
  });
  const { request } = read;
  if (draft.target.kind === 'client') {
    return (
      <p className={styles.soft}>
        Items cannot be tried from here: your own code gives the outputs.
      </p>
    );
  }
  const attempt = (items: number): void => {
    if (request) trial.mutate({ request, items, skip: Math.min(first, total) - 1 });
  };
  // Results of another set-up than the one above would be a lie.
  const isCurrent = JSON.stringify(trial.variables?.request) === JSON.stringify(request);
  return (
    <section aria-label="Try a few items" className={styles.trial}>
      <h3>Try it first</h3>
      <p className={styles.soft}>
        One to three items go the whole way, as in the run: real calls, real scores, at their price.
        Nothing is stored.
      </p>
      <div className={styles.buttons}>
        <NumberInput
          size="xs"
          className={styles.first}
          label="From item"
          min={1}
          max={Math.max(1, total)}
          allowDecimal={false}
          value={first}
          onChange={(value) => setFirst(Math.max(1, Number(value) || 1))}
        />
        {[1, 3].map((items) => (
          <Button
            key={items}
            size="xs"
            variant="default"
            leftSection={<FlaskConical size={14} aria-hidden />}
            disabled={!request || !mayTry || trial.isPending}
            onClick={() => attempt(items)}
          >
            {items === 1 ? 'Try one item' : `Try ${items} items`}
          </Button>
        ))}
        {trial.isPending && <span className={styles.soft}>Trying…</span>}
        {!request && <span className={styles.soft}>when the form is complete</span>}
      </div>
      {trial.data && isCurrent && <Results items={trial.data.items} />}
      {trial.isError && isCurrent && <ProblemPanel error={trial.error} doing="try these items" />}
    </section>
  );
}

function Results({ items }: { items: TriedItem[] }) {
  const spent = items.flatMap(({ costUsd, judgeCostUsd }) =>
    [costUsd ?? [], judgeCostUsd ?? []].flat(),
  );
  return (
    <>
      <ul className={styles.items}>
        {items.map((item) => (
          <li key={item.key}>
            <Result item={item} />
          </li>
        ))}
      </ul>
      <p className={styles.soft}>
        {spent.length === 0
          ? 'What it cost is not known.'
          : `It cost ${formatCost(spent.reduce((sum, cost) => sum + cost, 0))}.`}
      </p>
    </>
  );
}

function Result({ item }: { item: TriedItem }) {
  const { key, input, expected, output, error, scores } = item;
  return (
    <article aria-label={`Item ${key}`} className={styles.item}>
      <h4>
        <code>{key}</code>
      </h4>
      {error && (
        <p className={styles.error}>
          <TriangleAlert size={14} aria-hidden /> {describeErrorClass(error.class).title}:{' '}
          {error.message}. {describeErrorClass(error.class).remedy}
        </p>
      )}
      <div className={styles.values}>
        <ValueBlock name="Input" value={input} none="none" />
        <ValueBlock name="Expected" value={expected} none="none" />
        <ValueBlock name="Output" value={output} none="no output" />
      </div>
      {scores.length > 0 && (
        <ul className={styles.scores} aria-label="Scores">
          {scores.map((score) => (
            <li key={score.name}>
              <span>{score.name}</span>
              <strong>
                <ScoreValue score={score} />
              </strong>
              <span className={styles.soft}>
                {score.error ?? score.reason ?? (score.notApplicable ? 'not applicable' : '')}
              </span>
            </li>
          ))}
        </ul>
      )}
      <p className={styles.soft}>{factsOf(item).join(' · ')}</p>
    </article>
  );
}

function factsOf(item: TriedItem): string[] {
  const { latencyMs, inputTokens, outputTokens, costUsd, judgeCostUsd, cached } = item;
  return [
    cached === true && 'from the cache',
    latencyMs !== undefined && formatLatency(latencyMs),
    inputTokens !== undefined && `${formatCount(inputTokens)} tokens in`,
    outputTokens !== undefined && `${formatCount(outputTokens)} out`,
    costUsd !== undefined && `cost ${formatCost(costUsd)}`,
    judgeCostUsd !== undefined && `judges ${formatCost(judgeCostUsd)}`,
  ].filter((fact) => fact !== false);
}
