import { Button, Skeleton } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Download, Pencil, Play, Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Template } from '#libs/contracts';
import { BackLink } from '../../components/back-link.tsx';
import { useAnnounce } from '../../components/announcer.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { DeletedHint } from '../../components/deleted-hint.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { Scrollable } from '../../components/scrollable.tsx';
import { client } from '../../queries/client.ts';
import { useMay } from '../../queries/session.ts';
import { templateKeys, templateQuery } from '../../queries/templates.ts';
import { ImportTemplate } from '../templates/import-template.tsx';
import { schemaInWords } from '../templates/in-words.ts';
import { CheckDataset } from './check-dataset.tsx';
import styles from './template.module.css';

const route = getRouteApi('/app/templates/$templateId');

/** One template: what it asks, how it scores, what items it needs, and what to mind. */
export function TemplatePage() {
  const { templateId } = route.useParams();
  const query = useQuery(templateQuery(templateId));
  return (
    <>
      <BackLink to="/templates">All templates</BackLink>
      {query.data ? (
        <Shown key={templateId} template={query.data} />
      ) : query.isError ? (
        <ProblemPanel
          error={query.error}
          doing="load this template"
          onRetry={() => void query.refetch()}
        />
      ) : (
        <div aria-busy="true" className={styles.skeleton}>
          <span className="visually-hidden">Loading the template</span>
          <Skeleton height={26} width="min(18rem, 70%)" />
          <Skeleton height={240} />
        </div>
      )}
    </>
  );
}

function Shown({ template }: { template: Template }) {
  const { id, content, usesJudge, deletedAt } = template;
  const { dataset = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const { prompt, metrics, bestPractice, inputSchema, expectedSchema, examples } = content;
  const messages = 'text' in prompt ? [{ role: 'user', content: prompt.text }] : prompt.messages;
  useEffect(() => {
    document.title = `${content.title} · LLM-Eval`;
  }, [content.title]);
  return (
    <article aria-labelledby="template" className={styles.page}>
      <Head template={template} dataset={dataset} />
      {deletedAt !== null && <Deleted template={template} at={deletedAt} />}
      <div className={styles.columns}>
        <div className={styles.column}>
          <section aria-labelledby="prompt">
            <h2 id="prompt">What it asks</h2>
            {messages.map(({ role, content }, index) => (
              // oxlint-disable-next-line react/no-array-index-key -- a message has nothing but its place
              <div key={index}>
                <p className={styles.role}>{role}</p>
                <pre className={styles.text}>{content}</pre>
              </div>
            ))}
            <Rest content={content} />
          </section>
          <section aria-labelledby="metrics">
            <h2 id="metrics">How it scores</h2>
            <ul className={styles.metrics}>
              {metrics.map((spec) => (
                <li key={spec.name ?? spec.metric}>
                  <Link to="/catalogue/$name" params={{ name: spec.metric }}>
                    {spec.name ?? spec.metric}
                  </Link>
                  {spec.threshold !== undefined && (
                    <span className={styles.soft}> passes at {JSON.stringify(spec.threshold)}</span>
                  )}
                </li>
              ))}
            </ul>
            <p className={styles.soft}>
              {usesJudge
                ? 'Some of them ask a model: it is chosen when the template is used.'
                : 'None of them asks a model.'}
            </p>
          </section>
        </div>
        <div className={styles.column}>
          <section aria-labelledby="needs">
            <h2 id="needs">What it needs</h2>
            <dl className={styles.facts}>
              <dt>Input</dt>
              <dd>{schemaInWords(inputSchema)}</dd>
              <dt>Expected</dt>
              <dd>{expectedSchema ? schemaInWords(expectedSchema) : 'not needed'}</dd>
            </dl>
            <CheckDataset
              templateId={id}
              dataset={dataset}
              onDataset={(chosen) =>
                void navigate({ search: chosen === '' ? {} : { dataset: chosen }, replace: true })
              }
            />
          </section>
          <section aria-labelledby="practice">
            <h2 id="practice">Best practice</h2>
            <ul className={styles.practice}>
              {bestPractice.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </section>
          <section aria-labelledby="examples">
            <h2 id="examples">Examples</h2>
            {examples.map((example) => (
              <Scrollable
                key={JSON.stringify(example)}
                className={styles.text}
                label={`Example, input ${JSON.stringify(example.input).slice(0, 40)}`}
              >
                <pre>{JSON.stringify(example, null, 2)}</pre>
              </Scrollable>
            ))}
          </section>
        </div>
      </div>
    </article>
  );
}

/** Parameters and the like, where the template sets any. */
function Rest({ content }: { content: Template['content'] }) {
  const { parameters, responseSchema, tools, repeats } = content;
  const rest = {
    ...(Object.keys(parameters).length > 0 && { parameters }),
    ...(responseSchema && { responseSchema }),
    ...(tools && { tools }),
    ...(repeats > 1 && { repeats }),
  };
  if (Object.keys(rest).length === 0) return null;
  return (
    <>
      <p className={styles.role}>with</p>
      <pre className={styles.text}>{JSON.stringify(rest, null, 2)}</pre>
    </>
  );
}

function Head({ template, dataset }: { template: Template; dataset: string }) {
  const { id, name, kind, version, content, deletedAt } = template;
  const mayWrite = useMay('editor');
  const queries = useQueryClient();
  const announce = useAnnounce();
  const [editing, setEditing] = useState<string>();
  const remove = useMutation({
    mutationFn: () => client.deleteTemplate({ params: { id } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: templateKeys.all });
      announce('The template is deleted; it can be restored');
    },
  });
  const edit = useMutation({
    mutationFn: async () => new Response(await client.exportTemplate({ params: { id } })).text(),
    onSuccess: setEditing,
  });
  const isOwn = kind === 'custom' && mayWrite && deletedAt === null;
  return (
    <header className={styles.header}>
      <div className={styles.title}>
        <h1 id="template">{content.title}</h1>
        <span className={styles.soft}>
          {kind === 'preset' ? 'built in' : `of the project, version ${version}`}{' '}
          <code>{name}</code>
          <CopyButton text={id} label="Copy the id, as the API takes it" />
        </span>
        <p>{content.description}</p>
      </div>
      <div className={styles.actions}>
        {deletedAt === null && (
          <Button
            renderRoot={(root) => (
              <Link
                to="/runs/new"
                search={dataset === '' ? { template: id } : { template: id, dataset }}
                {...root}
              />
            )}
            size="xs"
            leftSection={<Play size={14} aria-hidden />}
          >
            Use in a run
          </Button>
        )}
        <Button
          component="a"
          href={`/api/v1/templates/${encodeURIComponent(id)}/yaml`}
          download
          size="xs"
          variant="default"
          leftSection={<Download size={14} aria-hidden />}
        >
          Export YAML
        </Button>
        {isOwn && (
          <>
            <Button
              size="xs"
              variant="default"
              leftSection={<Pencil size={14} aria-hidden />}
              disabled={edit.isPending}
              onClick={() => edit.mutate()}
            >
              Edit as YAML
            </Button>
            <Button
              size="xs"
              variant="default"
              leftSection={<Trash2 size={14} aria-hidden />}
              disabled={remove.isPending}
              onClick={() => remove.mutate()}
            >
              Delete
            </Button>
          </>
        )}
      </div>
      {remove.isError && <ProblemPanel error={remove.error} doing="delete this template" />}
      {edit.isError && <ProblemPanel error={edit.error} doing="read this template" />}
      {editing !== undefined && (
        <ImportTemplate of={template} yaml={editing} onClose={() => setEditing(undefined)} />
      )}
    </header>
  );
}

function Deleted({ template, at }: { template: Template; at: string }) {
  const queries = useQueryClient();
  const restore = useMutation({
    mutationFn: () => client.restoreTemplate({ params: { id: template.id } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: templateKeys.all }),
  });
  return (
    <DeletedHint
      at={at}
      noun="template"
      means="Only the list of deleted templates shows it."
      restore={restore}
    />
  );
}
