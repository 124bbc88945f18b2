import { Button, Group, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { CircleCheck, CircleX } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import type { Provider } from '#libs/contracts';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { formatLatency } from '../../format/time.ts';
import { client } from '../../queries/client.ts';
import styles from './providers.module.css';

/** Asks a model of the provider for one word, and says what came back. */
export function TestProvider({ provider, onClose }: { provider: Provider; onClose: () => void }) {
  const [model, setModel] = useState(Object.keys(provider.prices)[0] ?? '');
  const test = useMutation({
    mutationFn: (model: string) =>
      client.testProvider({ params: { id: provider.id }, body: { model } }),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (model.trim() !== '') test.mutate(model.trim());
  };
  return (
    <Dialog title={`Test ${provider.name}`} size="30rem" onClose={onClose}>
      <form className={styles.test} onSubmit={submit} noValidate>
        <TextInput
          label="Model"
          description="As the provider calls it. One word is asked for: a few tokens."
          autoComplete="off"
          spellCheck={false}
          data-autofocus
          value={model}
          onChange={({ currentTarget }) => setModel(currentTarget.value)}
        />
        <output aria-live="polite" className={styles.tested}>
          {test.data?.ok === true && (
            <>
              <p className={styles.ok}>
                <CircleCheck size={16} aria-hidden /> It works
                {test.data.latencyMs !== null &&
                  `: answered in ${formatLatency(test.data.latencyMs)}`}
              </p>
              <p>
                It said <q>{test.data.output}</q>
              </p>
            </>
          )}
          {test.data?.error && (
            <>
              <p className={styles.bad}>
                <CircleX size={16} aria-hidden /> It does not work:{' '}
                <code>{test.data.error.class}</code>
              </p>
              <p>{test.data.error.message}</p>
              <p>{test.data.error.remedy}</p>
            </>
          )}
        </output>
        {test.isError && <ProblemPanel error={test.error} doing="test the provider" />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          <Button type="submit" disabled={test.isPending || model.trim() === ''}>
            {test.isPending ? 'Asking…' : 'Test it'}
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}
