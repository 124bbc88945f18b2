import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { FileUp, Play } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Template } from '#libs/contracts';
import { DeletedFilter } from '../../components/deleted-filter.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { useMay } from '../../queries/session.ts';
import { templatesQuery } from '../../queries/templates.ts';
import { ImportTemplate } from './import-template.tsx';
import { shapeInWords } from './in-words.ts';
import styles from './templates.module.css';

const route = getRouteApi('/app/templates');

/** Presets, and the templates of the project: what each measures and what it needs. */
export function Templates() {
  const { deleted = false } = route.useSearch();
  const navigate = route.useNavigate();
  const mayWrite = useMay('editor');
  const [importing, setImporting] = useState(false);
  useEffect(() => {
    document.title = 'Templates · LLM-Eval';
  }, []);
  return (
    <>
      <div className={styles.top}>
        <h1>Templates</h1>
        <DeletedFilter
          deleted={deleted}
          onChange={(deleted) =>
            void navigate({ search: deleted ? { deleted } : {}, replace: true })
          }
        />
        {mayWrite && (
          <Button
            size="xs"
            variant="default"
            className={styles.import}
            leftSection={<FileUp size={14} aria-hidden />}
            onClick={() => setImporting(true)}
          >
            Import YAML
          </Button>
        )}
      </div>
      <List deleted={deleted} />
      {importing && <ImportTemplate onClose={() => setImporting(false)} />}
    </>
  );
}

function List({ deleted }: { deleted: boolean }) {
  const list = useInfiniteQuery(templatesQuery(deleted));
  if (list.isPending) return <SkeletonRows rows={10} label="Loading the templates" />;
  if (list.isError) {
    return (
      <ProblemPanel
        error={list.error}
        doing="load the templates"
        onRetry={() => void list.refetch()}
      />
    );
  }
  const templates = list.data.pages.flatMap(({ items }) => items);
  const presets = templates.filter(({ kind }) => kind === 'preset');
  const own = templates.filter(({ kind }) => kind === 'custom');
  if (deleted && templates.length === 0) {
    return <p className={styles.none}>No template is deleted.</p>;
  }
  return (
    <>
      <Group title={deleted ? 'Deleted' : 'Of the project'} templates={own}>
        {own.length === 0 && (
          <p className={styles.none}>
            None yet. Put a run together and save its set-up as a template, or import the YAML of
            one: that of any preset can be exported, changed and imported again.
          </p>
        )}
      </Group>
      {list.hasNextPage && (
        <Button
          size="xs"
          variant="default"
          disabled={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          Older ones
        </Button>
      )}
      {presets.length > 0 && <Group title="Built in" templates={presets} />}
    </>
  );
}

function Group(props: {
  title: string;
  templates: readonly Template[];
  children?: React.ReactNode;
}) {
  const id = props.title.toLowerCase().replaceAll(' ', '-');
  return (
    <section aria-labelledby={id} className={styles.group}>
      <h2 id={id}>{props.title}</h2>
      {props.children}
      <ul className={styles.cards}>
        {props.templates.map((template) => (
          <Card key={template.id} template={template} />
        ))}
      </ul>
    </section>
  );
}

function Card({ template }: { template: Template }) {
  const { id, content, usesJudge, deletedAt } = template;
  const metrics = content.metrics.map(({ name, metric }) => name ?? metric);
  return (
    <li className={styles.card}>
      <h3>
        <Link to="/templates/$templateId" params={{ templateId: id }}>
          {content.title}
        </Link>
      </h3>
      <p>{content.description}</p>
      <dl>
        <dt>Items</dt>
        <dd>{shapeInWords(content)}</dd>
        <dt>Metrics</dt>
        <dd>{metrics.join(', ')}</dd>
        <dt>Asks</dt>
        <dd>{usesJudge ? 'a model, and one that judges' : 'a model'}</dd>
      </dl>
      {deletedAt === null && (
        <Button
          renderRoot={(root) => <Link to="/runs/new" search={{ template: id }} {...root} />}
          size="compact-xs"
          variant="default"
          className={styles.use}
          aria-label={`Use ${content.title} in a run`}
          leftSection={<Play size={12} aria-hidden />}
        >
          Use in a run
        </Button>
      )}
    </li>
  );
}
