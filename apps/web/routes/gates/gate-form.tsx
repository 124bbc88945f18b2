import { Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { ApiError } from '#libs/sdk';
import { gateLimits, type Gate } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { client } from '../../queries/client.ts';
import { completedRunsQuery, datasetNamesQuery, gateKeys } from '../../queries/gates.ts';
import { draftOfRule, newRule, readRule } from './rule-draft.ts';
import { RuleEditor } from './rule-editor.tsx';
import styles from './gate-form.module.css';

const usage = ['latency_ms', 'input_tokens', 'output_tokens', 'cost_usd'];

/** Makes a gate, or changes one; results keep the rules that they were checked by. */
export function GateForm({ gate, onClose }: { gate: Gate | undefined; onClose: () => void }) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const [name, setName] = useState(gate?.name ?? '');
  const [datasetId, setDatasetId] = useState(gate?.datasetId ?? '');
  const [rules, setRules] = useState(() =>
    (gate?.rules.map(draftOfRule) ?? [newRule()]).map((rule) => ({
      id: crypto.randomUUID(),
      rule,
    })),
  );
  const datasets = useQuery(datasetNamesQuery);
  const runs = useQuery(completedRunsQuery(datasetId === '' ? undefined : datasetId));
  const metrics = [
    ...(runs.data ?? []).slice(0, 20).flatMap((run) => run.metrics.map(({ name }) => name)),
    ...usage,
  ];
  const read = rules.map(({ rule }) => readRule(rule));
  const right = read.flatMap((one) => ('rule' in one ? [one.rule] : []));
  const complete = right.length === rules.length && name.trim() !== '';
  const save = useMutation({
    mutationFn: () => {
      const body = {
        name: name.trim(),
        datasetId: datasetId === '' ? null : datasetId,
        rules: right,
      };
      return gate
        ? client.updateGate({ params: { id: gate.id }, body })
        : client.createGate({ body });
    },
    onSuccess: (saved) => {
      void queries.invalidateQueries({ queryKey: gateKeys.all });
      announce(`The gate ${saved.name} is saved`);
      onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (complete) save.mutate();
  };
  const errors = save.error instanceof ApiError ? save.error.errors : [];
  const faultAt = (path: string): string | undefined =>
    errors.find(({ field }) => field === path || field?.startsWith(`${path}.`) === true)?.message;
  return (
    <Dialog
      title={gate ? `Change ${gate.name}` : 'Create a gate'}
      size="56rem"
      fills
      onClose={onClose}
    >
      <form className={styles.form} onSubmit={submit} noValidate>
        <div className={styles.two}>
          <TextInput
            size="xs"
            label="Name"
            autoComplete="off"
            data-autofocus
            value={name}
            error={faultAt('name')}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
          <NativeSelect
            size="xs"
            label="For runs of"
            value={datasetId}
            error={faultAt('datasetId')}
            data={[
              { value: '', label: 'any dataset' },
              ...(datasets.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
              ...(gate?.datasetId && !datasets.data?.some(({ id }) => id === gate.datasetId)
                ? [{ value: gate.datasetId, label: gate.datasetId }]
                : []),
            ]}
            onChange={({ currentTarget }) => setDatasetId(currentTarget.value)}
          />
        </div>
        {rules.map(({ id, rule }, index) => (
          <RuleEditor
            key={id}
            index={index}
            rule={rule}
            metrics={metrics}
            fault={faultAt(`rules.${index}`)}
            onChange={(changed) =>
              setRules(rules.map((one) => (one.id === id ? { id, rule: changed } : one)))
            }
            onRemove={
              rules.length > 1 ? () => setRules(rules.filter((one) => one.id !== id)) : undefined
            }
          />
        ))}
        <div>
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<Plus size={13} aria-hidden />}
            disabled={rules.length >= gateLimits.rules}
            onClick={() => setRules([...rules, { id: crypto.randomUUID(), rule: newRule() }])}
          >
            Add a rule
          </Button>
        </div>
        <p className={styles.note}>
          A rule passes where even the bad end of the interval keeps it, fails where even the good
          end breaks it, and is inconclusive in between. The gate fails where one rule fails.
        </p>
        {save.isError && <ProblemPanel error={save.error} doing="save the gate" />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {gate ? 'Keep as it is' : 'Cancel'}
          </Button>
          <Button type="submit" disabled={save.isPending || !complete}>
            {save.isPending ? 'Saving…' : gate ? 'Save' : 'Create the gate'}
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}
