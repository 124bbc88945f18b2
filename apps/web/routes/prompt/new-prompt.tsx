import { BackLink } from '../../components/back-link.tsx';
import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Save } from 'lucide-react';
import { useEffect, useState } from 'react';
import { ApiError } from '#libs/sdk';
import { client } from '../../queries/client.ts';
import { promptKeys } from '../../queries/prompts.ts';
import { useMay } from '../../queries/session.ts';
import { useWritten } from './use-written.ts';
import { Workbench } from './workbench.tsx';
import { contentOf, nothingWritten } from './written.ts';
import styles from './prompt.module.css';

const route = getRouteApi('/app/prompts/new');

/** Writes the first version of a prompt. */
export function NewPrompt() {
  const { dataset = '' } = route.useSearch();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const mayWrite = useMay('editor');
  const [about, setAbout] = useState({ name: '', description: '' });
  const [written, setWritten, forget] = useWritten('new', nothingWritten);
  useEffect(() => {
    document.title = 'New prompt · LLM-Eval';
  }, []);
  const save = useMutation({
    mutationFn: () => {
      const { name, description } = about;
      return client.createPrompt({
        body: {
          name: name.trim(),
          ...(description.trim() !== '' && { description: description.trim() }),
          content: contentOf(written),
        },
      });
    },
    onSuccess: async ({ id }) => {
      forget();
      await queries.invalidateQueries({ queryKey: promptKeys.all });
      await navigate({
        to: '/prompts/$promptId',
        params: { promptId: id },
        search: dataset === '' ? {} : { dataset },
      });
    },
  });
  const faultOf = (field: string): string | undefined =>
    save.error instanceof ApiError
      ? save.error.errors.find((one) => one.field === field)?.message
      : undefined;
  return (
    <>
      <BackLink to="/prompts">All prompts</BackLink>
      <div className={styles.page}>
        <header className={styles.header}>
          <div className={styles.title}>
            <h1>New prompt</h1>
          </div>
        </header>
        <Workbench
          title="Version 1"
          value={written}
          onChange={(value) => {
            setWritten(value);
            if (!save.isIdle) save.reset();
          }}
          dataset={dataset}
          onDataset={(id) =>
            void navigate({
              to: '/prompts/new',
              search: id === '' ? {} : { dataset: id },
              replace: true,
            })
          }
          refusal={save.error}
          prefix="content"
        >
          <form
            className={styles.save}
            onSubmit={(event) => {
              event.preventDefault();
              save.mutate();
            }}
          >
            <TextInput
              size="xs"
              label="Name"
              required
              error={faultOf('name')}
              value={about.name}
              onChange={({ currentTarget }) => setAbout({ ...about, name: currentTarget.value })}
            />
            <TextInput
              size="xs"
              label="What it is for"
              error={faultOf('description')}
              value={about.description}
              onChange={({ currentTarget }) =>
                setAbout({ ...about, description: currentTarget.value })
              }
            />
            <Button
              type="submit"
              size="xs"
              leftSection={<Save size={14} aria-hidden />}
              disabled={!mayWrite || save.isPending}
            >
              {save.isPending ? 'Saving…' : 'Save the prompt'}
            </Button>
          </form>
        </Workbench>
      </div>
    </>
  );
}
