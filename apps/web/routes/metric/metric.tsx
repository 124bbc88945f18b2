import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import type { MetricDescription } from '#libs/contracts';
import { BackLink } from '../../components/back-link.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { fieldsOf } from '../../components/schema-form/schema.ts';
import { useMay } from '../../queries/session.ts';
import { metricQuery } from '../../queries/metrics.ts';
import { directionInWords, familyName, needsInWords, rangeInWords } from '../catalogue/in-words.ts';
import { Examples } from './examples.tsx';
import { Parameters } from './parameters.tsx';
import { Prompts } from './prompts.tsx';
import { TryIt } from './try-it.tsx';
import styles from './metric.module.css';

const route = getRouteApi('/app/catalogue/$name');

/** One metric of the catalogue: what it is, exactly, and a place to try it. */
export function MetricPage() {
  const { name } = route.useParams();
  const query = useQuery(metricQuery(name));
  return (
    <>
      <BackLink to="/catalogue">All metrics</BackLink>
      {query.data ? (
        <Shown key={name} metric={query.data} />
      ) : query.isError ? (
        <ProblemPanel
          error={query.error}
          doing="load this metric"
          onRetry={() => void query.refetch()}
        />
      ) : (
        <div aria-busy="true" className={styles.skeleton}>
          <span className="visually-hidden">Loading the metric</span>
          <Skeleton height={26} width="min(18rem, 70%)" />
          <Skeleton height={48} />
          <Skeleton height={220} />
        </div>
      )}
    </>
  );
}

function Shown({ metric }: { metric: MetricDescription }) {
  const mayTry = useMay('editor');
  const fields = useMemo(() => fieldsOf(metric.config), [metric.config]);
  const [example, setExample] = useState({ index: 0, count: 0 });
  useEffect(() => {
    document.title = `${metric.title} · LLM-Eval`;
  }, [metric.title]);
  return (
    <article className={styles.page} aria-labelledby="metric">
      <header className={styles.header}>
        <div className={styles.title}>
          <h1 id="metric">{metric.title}</h1>
          <span className={styles.name}>
            <code>{metric.name}</code>
            <CopyButton text={metric.name} label="Copy the name" />
          </span>
        </div>
        <p className={styles.description}>{metric.description}</p>
        <Shape metric={metric} />
      </header>
      <div className={styles.about}>
        <section aria-labelledby="definition" className={styles.section}>
          <h2 id="definition">Definition</h2>
          {metric.definition.split(/\n{2,}/).map((paragraph) => (
            <p key={paragraph} className={styles.prose}>
              {paragraph}
            </p>
          ))}
          <p className={styles.source}>
            <strong>Source</strong> {metric.source}
          </p>
        </section>
        <section aria-labelledby="parameters" className={styles.section}>
          <h2 id="parameters">Parameters</h2>
          <Parameters fields={fields} />
        </section>
        {metric.prompts.length > 0 && <Prompts prompts={metric.prompts} />}
        {metric.runLevel.length > 0 && <RunLevel values={metric.runLevel} />}
        {metric.examples.length > 0 && (
          <Examples
            examples={metric.examples}
            onTry={
              mayTry
                ? (index) => setExample(({ count }) => ({ index, count: count + 1 }))
                : undefined
            }
          />
        )}
      </div>
      <TryIt
        key={example.count}
        metric={metric}
        fields={fields}
        example={metric.examples[example.index]}
        chosen={example.count > 0}
        mayTry={mayTry}
      />
    </article>
  );
}

function Shape({ metric }: { metric: MetricDescription }) {
  const facts = [
    { name: 'Family', value: familyName(metric.family) },
    { name: 'Kind', value: metric.kind },
    { name: 'Range', value: rangeInWords(metric) },
    { name: 'Direction', value: directionInWords(metric) },
    { name: 'Needs', value: ['output', needsInWords(metric)].filter(Boolean).join(', ') },
  ];
  return (
    <>
      <dl className={`numeric ${styles.facts}`}>
        {facts.map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {metric.shapeDependsOnConfig && (
        <p className={styles.soft}>The configuration can change kind, range and direction.</p>
      )}
    </>
  );
}

function RunLevel({ values }: { values: MetricDescription['runLevel'] }) {
  return (
    <section aria-labelledby="run-level" className={styles.section}>
      <h2 id="run-level">Of a run as a whole</h2>
      <dl className={styles.terms}>
        {values.map(({ name, title, description }) => (
          <div key={name}>
            <dt>
              {title} <code>{name}</code>
            </dt>
            <dd>{description}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
