import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useAnnounce } from '../../components/announcer.tsx';
import { explain } from '../../components/explain.ts';
import { client } from '../../queries/client.ts';
import { recommendationQuery } from '../../queries/templates.ts';
import type { Draft } from './draft.ts';
import { withTemplate } from './from-request.ts';
import { useNewRun } from './new-run-context.ts';
import styles from './new-run.module.css';

const shown = 3;

/** Templates that fit the dataset, each with why; using one can be taken back. */
export function Suggestions({ datasetId }: { datasetId: string }) {
  const { draft, update, fieldsOfMetric } = useNewRun();
  const { data = [] } = useQuery(recommendationQuery(datasetId));
  const announce = useAnnounce();
  const [used, setUsed] = useState<{ title: string; before: Draft }>();
  const [failure, setFailure] = useState<string>();
  const use = async (id: string): Promise<void> => {
    try {
      const { content } = await client.getTemplate({ params: { id } });
      setFailure(undefined);
      setUsed({ title: content.title, before: draft });
      update((before) => withTemplate(before, content, fieldsOfMetric));
      announce(`${content.title}: prompt and metrics are filled in`);
    } catch (error) {
      setFailure(`Could not use this template: ${explain(error).title}`);
    }
  };
  const fitting = data.filter(({ score }) => score > 0).slice(0, shown);
  return (
    <section aria-label="Templates that fit" className={styles.suggestions}>
      <h3>
        Templates that fit <Link to="/templates">All templates</Link>
      </h3>
      {fitting.length === 0 && <p className={styles.soft}>None stands out for these items.</p>}
      <ul>
        {fitting.map(({ id, title, reasons, problems }) => (
          <li key={id}>
            <div>
              <Link to="/templates/$templateId" params={{ templateId: id }}>
                {title}
              </Link>
              <p className={styles.soft}>{reasons.join(' ')}</p>
              {problems.length > 0 && <p className={styles.lacks}>Lacks: {problems.join(' ')}</p>}
            </div>
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`Use the template ${title}`}
              onClick={() => void use(id)}
            >
              Use
            </Button>
          </li>
        ))}
      </ul>
      {used && (
        <p className={styles.notice}>
          Prompt, metrics and settings are those of “{used.title}” now.{' '}
          <button
            type="button"
            className={styles.link}
            onClick={() => {
              update(() => used.before);
              setUsed(undefined);
            }}
          >
            Take it back
          </button>
        </p>
      )}
      {failure !== undefined && <p className={styles.fault}>{failure}</p>}
    </section>
  );
}
