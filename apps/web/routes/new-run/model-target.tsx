import { Autocomplete, NativeSelect, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ButtonLink } from '../../components/button-link.tsx';
import { PromptEditor } from '../../components/prompt-editor/prompt-editor.tsx';
import { Rendered } from '../../components/prompt-editor/rendered.tsx';
import { SchemaForm } from '../../components/schema-form/schema-form.tsx';
import { promptChoicesQuery, promptQuery, promptVersionsQuery } from '../../queries/prompts.ts';
import { providerChoicesQuery } from '../../queries/providers.ts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { modelFields, type Draft, type PromptDraft } from './draft.ts';
import { promptDraftOf } from './from-request.ts';
import { useNewRun } from './new-run-context.ts';
import styles from './new-run.module.css';

type Model = Draft['target']['model'];

/** A model of a provider, what it is asked, and how. */
export function ModelTarget() {
  const { draft, update, faultAt, faultsIn, rendered, variables } = useNewRun();
  const { model } = draft.target;
  const { prompt } = model;
  const set = (change: Partial<Model>): void =>
    update(({ target, ...before }) => ({
      ...before,
      target: { ...target, model: { ...target.model, ...change } },
    }));
  const setPrompt = (prompt: PromptDraft): void => set({ prompt });
  const { source } = prompt;
  const more = faultsIn('target', modelFields);
  return (
    <>
      <ProviderAndModel model={model} onChange={set} />
      <div className={styles.split}>
        <div className={styles.fields}>
          <div className={styles.promptHead}>
            <h3>Prompt</h3>
            <SegmentedControl
              size="xs"
              aria-label="Where the prompt is from"
              value={source === 'saved' ? 'saved' : 'here'}
              data={[
                { value: 'here', label: 'Written here' },
                { value: 'saved', label: 'One of the project' },
              ]}
              onChange={(where) =>
                setPrompt({
                  ...prompt,
                  source: where === 'saved' ? 'saved' : prompt.text === '' ? 'messages' : 'text',
                })
              }
            />
          </div>
          {source === 'saved' ? (
            <SavedPrompt prompt={prompt} onChange={setPrompt} />
          ) : (
            <PromptEditor
              value={{ ...prompt, source }}
              onChange={(written) => setPrompt({ ...prompt, ...written })}
              variables={variables}
              faultAt={(path) => faultAt(`target.prompt.${path}`)}
            />
          )}
        </div>
        <Rendered
          state={rendered}
          waitsFor={
            draft.dataset.id === ''
              ? 'Choose a dataset, and the prompt is shown here as its items make it.'
              : 'Write a prompt, and it is shown here as the items make it.'
          }
        />
      </div>
      <details className={styles.more} open={Object.keys(more).length > 0 || undefined}>
        <summary>Parameters, structured output, tools, prices</summary>
        <SchemaForm
          fields={modelFields}
          entries={model.more}
          faults={more}
          onChange={(name, entry) => set({ more: { ...model.more, [name]: entry } })}
        />
      </details>
    </>
  );
}

function ProviderAndModel(props: { model: Model; onChange: (change: Partial<Model>) => void }) {
  const { model, onChange } = props;
  const { faultAt } = useNewRun();
  const { data } = useQuery(providerChoicesQuery);
  const chosen = data?.find(({ name }) => name === model.provider);
  if (data?.length === 0) {
    return (
      <div className={styles.teach}>
        <p>
          <strong>The project has no provider of models yet.</strong> An admin adds one with its
          key, which is encrypted and never shown again. What you have entered here stays.
        </p>
        <ButtonLink to="/settings/providers" variant="default" size="xs" className={styles.lead}>
          Providers
        </ButtonLink>
      </div>
    );
  }
  const known = data?.map(({ name }) => name) ?? [];
  const gone = model.provider !== '' && data && !known.includes(model.provider);
  return (
    <div className={styles.pair}>
      <NativeSelect
        size="xs"
        label="Provider"
        withAsterisk
        error={faultAt('target.provider')}
        value={model.provider}
        data={[
          { value: '', label: 'choose one' },
          ...known.map((value) => ({ value, label: value })),
          ...(gone ? [{ value: model.provider, label: `${model.provider} (not there)` }] : []),
        ]}
        onChange={({ currentTarget }) => onChange({ provider: currentTarget.value })}
      />
      <Autocomplete
        size="xs"
        label="Model"
        withAsterisk
        placeholder="as the provider calls it"
        comboboxProps={{ withinPortal: false }}
        error={faultAt('target.model')}
        data={chosen?.models ?? []}
        value={model.model}
        onChange={(model) => onChange({ model })}
      />
    </div>
  );
}

/** A prompt of the project, at a version; it can be copied in, to be changed for this run only. */
function SavedPrompt(props: { prompt: PromptDraft; onChange: (prompt: PromptDraft) => void }) {
  const { prompt, onChange } = props;
  const { faultAt } = useNewRun();
  const { data = [], isSuccess } = useQuery(promptChoicesQuery);
  const chosen = useQuery({ ...promptQuery(prompt.promptId), enabled: prompt.promptId !== '' });
  const versions = useInfiniteQuery({
    ...promptVersionsQuery(prompt.promptId),
    enabled: prompt.promptId !== '',
  });
  if (isSuccess && data.length === 0 && prompt.promptId === '') {
    return (
      <p className={styles.teach}>
        The project keeps no prompts yet. <Link to="/prompts/new">Write one</Link>, to use the same
        in many runs and keep its versions.
      </p>
    );
  }
  const all = versions.data?.pages.flatMap(({ items }) => items) ?? [];
  const shown =
    prompt.version === undefined
      ? chosen.data?.latest
      : all.find(({ version }) => version === prompt.version);
  const others = chosen.data && !data.some(({ id }) => id === prompt.promptId) ? [chosen.data] : [];
  return (
    <>
      <div className={styles.pair}>
        <NativeSelect
          size="xs"
          label="Prompt of the project"
          withAsterisk
          error={faultAt('target.prompt.promptId') ?? faultAt('target.prompt')}
          value={prompt.promptId}
          data={[
            { value: '', label: 'choose one' },
            ...[...others, ...data].map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={({ currentTarget: { value } }) => {
            const { version: _, ...rest } = prompt;
            onChange({ ...rest, promptId: value });
          }}
        />
        <NativeSelect
          size="xs"
          label="Version of the prompt"
          error={faultAt('target.prompt.version')}
          value={prompt.version === undefined ? '' : String(prompt.version)}
          data={[
            {
              value: '',
              label: chosen.data ? `latest (${chosen.data.latest.version})` : 'latest',
            },
            ...all.map(({ version, note }) => ({
              value: String(version),
              label: note === null ? String(version) : `${version}: ${note}`,
            })),
          ]}
          onChange={({ currentTarget: { value } }) => {
            const { version: _, ...rest } = prompt;
            onChange({ ...rest, ...(value !== '' && { version: Number(value) }) });
          }}
        />
      </div>
      {shown && (
        <p className={styles.soft}>
          {chosen.data?.description ?? ''}{' '}
          <Link to="/prompts/$promptId" params={{ promptId: prompt.promptId }}>
            Open it
          </Link>{' '}
          or{' '}
          <button
            type="button"
            className={styles.link}
            onClick={() => onChange(promptDraftOf(shown.content))}
          >
            copy it here, to change it for this run only
          </button>
        </p>
      )}
    </>
  );
}
