import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { MetricDescription } from '#libs/contracts';
import { ApiError } from '#libs/sdk';
import { faultsAt } from '../../components/schema-form/entries.ts';
import type { Field } from '../../components/schema-form/schema.ts';
import { useRendered } from '../../components/prompt-editor/use-rendered.ts';
import { variablesOf } from '../../components/prompt-editor/variables.ts';
import { chosenDatasetQuery, firstItemsQuery } from '../../queries/dataset-choices.ts';
import { runPreviewQuery } from '../../queries/new-run.ts';
import { DatasetFields } from './dataset-section.tsx';
import type { Draft } from './draft.ts';
import { suggestName } from './in-words.ts';
import { MetricFields } from './metrics-section.tsx';
import { NewRunContext, type NewRunState } from './new-run-context.ts';
import { datasetOf, promptOf, readDraft, targetOf } from './request.ts';
import { ReviewFields } from './review-section.tsx';
import { Section, sectionOf, type Progress, type SectionId } from './section.tsx';
import { Summary } from './summary.tsx';
import { TargetFields } from './target-section.tsx';
import styles from './new-run.module.css';

/** The form settles for so long before the server is asked what the run would cost. */
const SETTLED_MS = 500;

/** The four steps of a run on one page, and what they come to beside them. */
export function RunForm(props: {
  projectId: string;
  metrics: readonly MetricDescription[];
  fieldsOfMetric: (metric: string) => readonly Field[] | undefined;
  draft: Draft;
  onChange: (change: (draft: Draft) => Draft) => void;
}) {
  const { projectId, metrics, fieldsOfMetric, draft } = props;
  /** A person has asked for the run: from then on it is said what is missing. */
  const [wanted, setWanted] = useState(false);
  /** What the server said to the run as it was submitted. */
  const [refused, setRefused] = useState<{ body: string; errors: ApiError['errors'] }>();

  const dataset = useQuery({
    ...chosenDatasetQuery(draft.dataset.id),
    enabled: draft.dataset.id !== '',
  });
  const version = draft.dataset.version ?? dataset.data?.latestVersion ?? 0;
  const items = useQuery({
    ...firstItemsQuery(draft.dataset.id, version),
    enabled: version > 0,
  });
  const variables = useMemo(() => (items.data ? variablesOf(items.data) : undefined), [items.data]);

  const suggestedName = suggestName(dataset.data?.name, targetOf(draft.target));
  const read = useMemo(
    () => readDraft({ ...draft, name: draft.name || suggestedName }, fieldsOfMetric),
    [draft, suggestedName, fieldsOfMetric],
  );
  const rendered = useRendered(renderedOf(draft));
  const counted = useRendered(draft.dataset.id === '' ? undefined : datasetOf(draft.dataset));
  const body = JSON.stringify(read.body);
  const [settled] = useDebouncedValue(body, SETTLED_MS);
  const preview = useQuery(runPreviewQuery(settled === body ? read.request : undefined));

  const server = [
    ...counted.faults,
    ...rendered.faults,
    ...(preview.error instanceof ApiError && read.request ? preview.error.errors : []),
    ...(refused?.body === body ? refused.errors : []),
  ].map(({ field, line, message }) => ({
    field: field ?? '',
    message: line === undefined ? message : `line ${line}: ${message}`,
  }));
  const mine = read.faults.filter(({ missing }) => wanted || !missing);
  const faults = distinct([...mine, ...server]);
  const progress = progressOf(draft, read.faults, faults);

  const state: NewRunState = {
    draft,
    update: props.onChange,
    read,
    metrics,
    fieldsOfMetric,
    dataset: dataset.data,
    items: items.data,
    variables,
    rendered,
    total: counted.query.isError ? undefined : counted.query.data?.total,
    faultAt: (path) => faults.find(({ field }) => field === path)?.message,
    faultBelow: (path) => {
      const found = faults.find(({ field }) => field === path || field.startsWith(`${path}.`));
      const rest = found?.field.slice(path.length + 1);
      return found && rest ? `${rest}: ${found.message}` : found?.message;
    },
    faultsIn: (prefix, fields) => faultsAt(prefix, fields, faults).faults,
  };
  return (
    <NewRunContext value={state}>
      <div className={styles.layout}>
        <div className={styles.sections}>
          <Section
            id="dataset"
            number={1}
            progress={progress.dataset}
            about="The items that are asked."
          >
            <DatasetFields />
          </Section>
          <Section
            id="target"
            number={2}
            progress={progress.target}
            about="What gives an output for each of them."
          >
            <TargetFields />
          </Section>
          <Section
            id="metrics"
            number={3}
            progress={progress.metrics}
            about="How each output is scored."
          >
            <MetricFields />
          </Section>
          <Section
            id="review"
            number={4}
            progress={progress.review}
            about="All of it in words, tried on a few items, before anything is spent."
          >
            <ReviewFields suggestedName={suggestedName} />
          </Section>
        </div>
        <Summary
          projectId={projectId}
          progress={progress}
          faults={faults}
          preview={preview}
          onWanted={() => setWanted(true)}
          onRefused={(errors) => setRefused({ body, errors })}
        />
      </div>
    </NewRunContext>
  );
}

/** What is shown on an item as soon as there is a dataset: the target, where it is written out. */
function renderedOf({ dataset, target }: Draft): unknown {
  if (dataset.id === '') return undefined;
  const items = datasetOf(dataset);
  const { kind, model, http } = target;
  if (kind === 'http' && http.url !== '') return { ...items, target: targetOf(target) };
  if (kind === 'model') {
    const { source, text, messages, promptId } = model.prompt;
    const written = {
      text: text !== '',
      messages: messages.some(({ content }) => content !== ''),
      saved: promptId !== '',
    };
    if (written[source]) return { ...items, target: { kind, prompt: promptOf(model.prompt) } };
  }
  return items;
}

interface Placed {
  field: string;
  message: string;
}

/** The same is said once, by whoever says it first. */
const distinct = (faults: readonly Placed[]): Placed[] =>
  faults.filter(({ field }, index) => faults.findIndex((other) => other.field === field) === index);

function progressOf(
  draft: Draft,
  own: readonly { field: string }[],
  faults: readonly Placed[],
): Record<SectionId, Progress> {
  const of = (id: SectionId): Progress => {
    if (faults.some(({ field }) => sectionOf(field) === id)) return 'wrong';
    return own.some(({ field }) => sectionOf(field) === id) ? 'open' : 'done';
  };
  const parts = { dataset: of('dataset'), target: of('target'), metrics: of('metrics') };
  const isWhole = Object.values(parts).every((progress) => progress === 'done');
  const review = of('review');
  return { ...parts, review: review === 'done' && !isWhole ? 'open' : review };
}
