import { ActionIcon, Button, Group, NativeSelect, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { ApiError } from '#libs/sdk';
import { providerKinds, type Provider } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { faultsAt, type Faults } from '../../components/schema-form/entries.ts';
import { SchemaForm } from '../../components/schema-form/schema-form.tsx';
import { fieldsOf } from '../../components/schema-form/schema.ts';
import { client } from '../../queries/client.ts';
import {
  draftOf,
  emptyDraft,
  readCreate,
  readUpdate,
  type Draft,
  type PriceLine,
} from './draft.ts';
import {
  aboutCredential,
  credentialsOf,
  kindHint,
  kindName,
  limitFields,
  settingFields,
} from './kinds.ts';
import styles from './provider-form.module.css';

/** Those that are not fields of a schema here, to find what the server says of them. */
const others = fieldsOf({
  properties: {
    name: { type: 'string' },
    kind: { type: 'string' },
    credentials: { type: 'object' },
    prices: { type: 'object' },
  },
});

/** Makes a provider, or changes one; what it is called and its kind stay as they are then. */
export function ProviderForm({
  provider,
  onClose,
}: {
  provider: Provider | undefined;
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const [draft, setDraft] = useState<Draft>(() => (provider ? draftOf(provider) : emptyDraft));
  const [own, setOwn] = useState<Faults>({});
  const save = useMutation({
    mutationFn: async (): Promise<Provider | undefined> => {
      if (provider) {
        const read = readUpdate(draft);
        if ('faults' in read) return (setOwn(read.faults), undefined);
        return client.updateProvider({ params: { id: provider.id }, body: read.value });
      }
      const read = readCreate(draft);
      if ('faults' in read) return (setOwn(read.faults), undefined);
      return client.createProvider({ body: read.value });
    },
    onSuccess: (saved) => {
      if (!saved) return;
      void queries.invalidateQueries({ queryKey: ['providers'] });
      announce(`The provider ${saved.name} is saved`);
      onClose();
    },
  });
  const set = (change: Partial<Draft>): void => {
    setDraft((before) => ({ ...before, ...change }));
    setOwn({});
    if (save.isError) save.reset();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  const settings = settingFields(draft.kind);
  const errors = save.error instanceof ApiError ? save.error.errors : [];
  const told = faultsAt('', [...settings, ...limitFields, ...others], errors);
  const faults: Faults = { ...own, ...told.faults };
  const placed = errors.length > 0 && told.rest.length === 0;
  const hint = kindHint(draft.kind);
  return (
    <Dialog
      title={provider ? `Change ${provider.name}` : 'Add a provider'}
      size="40rem"
      fills
      onClose={onClose}
    >
      <form className={styles.form} onSubmit={submit} noValidate>
        <div className={styles.two}>
          <NativeSelect
            size="xs"
            label="kind"
            disabled={provider !== undefined}
            value={draft.kind}
            error={faults.kind}
            data={providerKinds.map((value) => ({ value, label: kindName(value) }))}
            onChange={({ currentTarget: { value } }) =>
              set({ kind: providerKinds.find((kind) => kind === value) ?? draft.kind })
            }
          />
          <TextInput
            size="xs"
            label="name"
            description={provider ? undefined : 'By which targets and judges name it'}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            withAsterisk
            autoComplete="off"
            spellCheck={false}
            disabled={provider !== undefined}
            data-autofocus={provider === undefined || undefined}
            value={draft.name}
            error={faults.name}
            onChange={({ currentTarget }) => set({ name: currentTarget.value })}
          />
        </div>
        {hint !== undefined && <p className={styles.hint}>{hint}</p>}
        <SchemaForm
          fields={settings}
          entries={draft.settings}
          faults={faults}
          onChange={(name, entry) => set({ settings: { ...draft.settings, [name]: entry } })}
        />
        <fieldset className={styles.part}>
          <legend>Credentials</legend>
          <p className={styles.hint}>
            {provider?.hasCredentials === true
              ? 'Kept encrypted, and never shown. Left empty, they stay as they are; with another baseUrl they are needed again.'
              : 'Encrypted as soon as they arrive, and never shown again.'}
          </p>
          {credentialsOf(draft.kind).map((name) => (
            <PasswordInput
              key={name}
              size="xs"
              label={name}
              description={aboutCredential(name)}
              autoComplete="off"
              value={draft.credentials[name] ?? ''}
              visibilityToggleButtonProps={{ 'aria-label': `Show or hide ${name}` }}
              onChange={({ currentTarget }) =>
                set({ credentials: { ...draft.credentials, [name]: currentTarget.value } })
              }
            />
          ))}
          {faults.credentials !== undefined && <p className={styles.fault}>{faults.credentials}</p>}
        </fieldset>
        <fieldset className={styles.part}>
          <legend>Limits, over all runs and workers</legend>
          <SchemaForm
            fields={limitFields}
            entries={draft.limits}
            faults={faults}
            onChange={(name, entry) => set({ limits: { ...draft.limits, [name]: entry } })}
          />
        </fieldset>
        <Prices lines={draft.prices} fault={faults.prices} onChange={(prices) => set({ prices })} />
        {save.isError && !placed && <ProblemPanel error={save.error} doing="save the provider" />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {provider ? 'Keep as it is' : 'Cancel'}
          </Button>
          <Button type="submit" disabled={save.isPending}>
            {save.isPending ? 'Saving…' : provider ? 'Save' : 'Add the provider'}
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}

const priceColumns = [
  { key: 'model', label: 'Model' },
  { key: 'input', label: 'Input' },
  { key: 'output', label: 'Output' },
  { key: 'cached', label: 'Cached input' },
] as const;

/** Prices by model, which take the place of the list price. */
function Prices(props: {
  lines: readonly PriceLine[];
  fault: string | undefined;
  onChange: (lines: PriceLine[]) => void;
}) {
  const { lines, fault, onChange } = props;
  return (
    <fieldset className={styles.part}>
      <legend>Prices</legend>
      <p className={styles.hint}>
        US dollars for a million tokens, by model. A model that is not here has its list price; one
        without either costs what is not known.
      </p>
      {lines.map((line, index) => (
        // Lines have no name of their own, and are only added at the end.
        // oxlint-disable-next-line react/no-array-index-key
        <div className={styles.price} key={index}>
          {priceColumns.map(({ key, label }) => (
            <TextInput
              key={key}
              size="xs"
              label={label}
              inputMode={key === 'model' ? undefined : 'decimal'}
              autoComplete="off"
              spellCheck={false}
              placeholder={key === 'cached' ? 'as input' : undefined}
              value={line[key]}
              onChange={({ currentTarget: { value } }) =>
                onChange(lines.map((one) => (one === line ? { ...one, [key]: value } : one)))
              }
            />
          ))}
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Remove the price of ${line.model === '' ? 'this line' : line.model}`}
            onClick={() => onChange(lines.filter((one) => one !== line))}
          >
            <X size={14} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      {fault !== undefined && <p className={styles.fault}>{fault}</p>}
      <div>
        <Button
          variant="default"
          size="compact-xs"
          leftSection={<Plus size={12} aria-hidden />}
          onClick={() => onChange([...lines, { model: '', input: '', output: '', cached: '' }])}
        >
          Add a price
        </Button>
      </div>
    </fieldset>
  );
}
