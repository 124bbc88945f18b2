import { ActionIcon, Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { useRef } from 'react';
import { httpTarget } from '#libs/contracts';
import { Rendered } from '../../components/prompt-editor/rendered.tsx';
import {
  TemplateArea,
  type TemplateHandle,
} from '../../components/prompt-editor/template-area.tsx';
import { VariableList } from '../../components/prompt-editor/variable-list.tsx';
import { SchemaForm } from '../../components/schema-form/schema-form.tsx';
import { secretsQuery } from '../../queries/providers.ts';
import { pathFields, type Draft, type HeaderDraft } from './draft.ts';
import { useNewRun } from './new-run-context.ts';
import styles from './new-run.module.css';

type Http = Draft['target']['http'];
const methods = httpTarget.shape.method.unwrap().options;

/** An endpoint: how it is asked, and where its answer has what. */
export function HttpTarget() {
  const { draft, update, faultAt, faultBelow, faultsIn, rendered, variables } = useNewRun();
  const { http } = draft.target;
  const body = useRef<TemplateHandle>(null);
  const set = (change: Partial<Http>): void =>
    update(({ target, ...before }) => ({
      ...before,
      target: { ...target, http: { ...target.http, ...change } },
    }));
  const paths = faultsIn('target', pathFields);
  const [outputPath, ...otherPaths] = pathFields;
  const hasBody = http.method !== 'GET';
  return (
    <div className={styles.split}>
      <div className={styles.fields}>
        <div className={styles.address}>
          <NativeSelect
            size="xs"
            label="Method"
            value={http.method}
            data={[...methods]}
            onChange={({ currentTarget }) => {
              const method = methods.find((one) => one === currentTarget.value);
              if (method) set({ method });
            }}
          />
          <TextInput
            size="xs"
            label="URL"
            withAsterisk
            type="text"
            inputMode="url"
            spellCheck={false}
            placeholder="https://assistant.example.org/ask?user={{ key }}"
            error={faultAt('target.url')}
            value={http.url}
            onChange={({ currentTarget }) => set({ url: currentTarget.value })}
          />
        </div>
        <Headers
          headers={http.headers}
          fault={faultBelow('target.headers')}
          onChange={(headers) => set({ headers })}
        />
        {(hasBody || http.body !== '') && (
          <>
            <TemplateArea
              ref={body}
              label="Body"
              name="Body"
              description={
                http.bodyIsText
                  ? 'A text, sent as it is rendered'
                  : 'JSON whose texts are templates; a text that is one {{ … }} and nothing else becomes the value itself'
              }
              minRows={4}
              placeholder={'Left empty: {"input": …}'}
              error={faultBelow('target.body')}
              value={http.body}
              variables={variables ?? []}
              onChange={(body) => set({ body })}
            />
            <Checkbox
              size="xs"
              label="The body is a text, not JSON"
              checked={http.bodyIsText}
              onChange={({ currentTarget }) => set({ bodyIsText: currentTarget.checked })}
            />
            {variables && (
              <VariableList variables={variables} onChoose={(path) => body.current?.insert(path)} />
            )}
          </>
        )}
        {outputPath && (
          <SchemaForm
            fields={[outputPath]}
            entries={http.paths}
            faults={paths}
            onChange={(name, entry) => set({ paths: { ...http.paths, [name]: entry } })}
          />
        )}
        <details
          className={styles.more}
          open={otherPaths.some(({ name }) => paths[name] !== undefined) || undefined}
        >
          <summary>Where else the answer says something</summary>
          <SchemaForm
            fields={otherPaths}
            entries={http.paths}
            faults={paths}
            onChange={(name, entry) => set({ paths: { ...http.paths, [name]: entry } })}
          />
        </details>
      </div>
      <Rendered
        state={rendered}
        waitsFor={
          draft.dataset.id === ''
            ? 'Choose a dataset, and the request is shown here as its items make it.'
            : 'Name the URL, and the request is shown here as the items make it.'
        }
      />
    </div>
  );
}

function Headers(props: {
  headers: readonly HeaderDraft[];
  fault: string | undefined;
  onChange: (headers: HeaderDraft[]) => void;
}) {
  const { headers, fault, onChange } = props;
  const { data: secrets = [] } = useQuery(secretsQuery);
  const set = (at: number, change: Partial<HeaderDraft>): void =>
    onChange(headers.map((one, index) => (index === at ? { ...one, ...change } : one)));
  return (
    <fieldset className={styles.headers}>
      <legend>Headers</legend>
      <p className={styles.soft}>
        {secrets.length === 0
          ? 'Secrets of the project can stand here as {{ secrets.NAME }}; there are none yet.'
          : `Secrets stand here as ${secrets.map((name) => `{{ secrets.${name} }}`).join(', ')}.`}
      </p>
      {headers.map(({ name, value }, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- a header has nothing but its place
        <div key={index} className={styles.header}>
          <TextInput
            size="xs"
            aria-label={`Name of header ${index + 1}`}
            placeholder="authorization"
            spellCheck={false}
            value={name}
            onChange={({ currentTarget }) => set(index, { name: currentTarget.value })}
          />
          <TextInput
            size="xs"
            aria-label={`Value of header ${index + 1}`}
            placeholder="Bearer {{ secrets.API_KEY }}"
            spellCheck={false}
            value={value}
            onChange={({ currentTarget }) => set(index, { value: currentTarget.value })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Remove header ${index + 1}`}
            title="Remove"
            onClick={() => onChange(headers.filter((_, at) => at !== index))}
          >
            <X size={14} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      {fault !== undefined && <p className={styles.fault}>{fault}</p>}
      <Button
        variant="default"
        size="compact-xs"
        className={styles.add}
        leftSection={<Plus size={13} aria-hidden />}
        onClick={() => onChange([...headers, { name: '', value: '' }])}
      >
        Add a header
      </Button>
    </fieldset>
  );
}
