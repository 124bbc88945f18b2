import { useQuery } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import { ApiError } from '#libs/sdk';
import { DatasetSelect } from '../../components/dataset-select.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { PromptEditor, type WrittenPrompt } from '../../components/prompt-editor/prompt-editor.tsx';
import { Rendered } from '../../components/prompt-editor/rendered.tsx';
import { useRendered } from '../../components/prompt-editor/use-rendered.ts';
import { variablesOf } from '../../components/prompt-editor/variables.ts';
import { chosenDatasetQuery, firstItemsQuery } from '../../queries/dataset-choices.ts';
import { contentOf } from './written.ts';
import styles from './prompt.module.css';

/**
 * A prompt that is being written, beside what it becomes for items of a dataset.
 * @param refusal why it could not be saved
 * @param prefix the path of the prompt in what is saved
 */
export function Workbench(props: {
  title: string;
  value: WrittenPrompt;
  onChange: (value: WrittenPrompt) => void;
  dataset: string;
  onDataset: (id: string) => void;
  refusal: unknown;
  prefix: string;
  children: ReactNode;
}) {
  const { title, value, onChange, dataset, onDataset, refusal, prefix, children } = props;
  const chosen = useQuery({ ...chosenDatasetQuery(dataset), enabled: dataset !== '' });
  const version = chosen.data?.latestVersion ?? 0;
  const items = useQuery({ ...firstItemsQuery(dataset, version), enabled: version > 0 });
  const variables = useMemo(() => (items.data ? variablesOf(items.data) : undefined), [items.data]);
  const isWritten =
    value.source === 'text'
      ? value.text !== ''
      : value.messages.some(({ content }) => content !== '');
  const rendered = useRendered(
    dataset === '' || !isWritten
      ? undefined
      : { datasetId: dataset, target: { kind: 'model', prompt: contentOf(value) } },
  );
  const refused = refusal instanceof ApiError ? refusal.errors : [];
  const faultAt = (path: string): string | undefined => {
    const found =
      refused.find(({ field }) => field === `${prefix}.${path}`) ??
      rendered.faults.find(({ field }) => field === `target.prompt.${path}`);
    return found?.line === undefined ? found?.message : `line ${found.line}: ${found.message}`;
  };
  const isPlaced = refused.some(({ field }) => field?.startsWith(`${prefix}.`));
  return (
    <section aria-labelledby="workbench" className={styles.workbench}>
      <div className={styles.written}>
        <h2 id="workbench">{title}</h2>
        <PromptEditor value={value} onChange={onChange} variables={variables} faultAt={faultAt} />
        {children}
        {refusal !== null && !isPlaced && <ProblemPanel error={refusal} doing="save this" />}
      </div>
      <div className={styles.shown}>
        <DatasetSelect label="Shown on the items of" value={dataset} onChange={onDataset} />
        {chosen.isError && <ProblemPanel error={chosen.error} doing="load this dataset" />}
        <Rendered
          state={rendered}
          waitsFor={
            dataset === ''
              ? 'Choose a dataset, and the prompt is shown here as its items make it.'
              : 'Write a prompt, and it is shown here as the items make it.'
          }
        />
      </div>
    </section>
  );
}
