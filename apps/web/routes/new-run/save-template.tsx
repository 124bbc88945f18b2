import { Button, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { templateContent, type Prompt, type PromptVersion } from '#libs/contracts';
import { ApiError } from '#libs/sdk';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { client } from '../../queries/client.ts';
import { promptQuery, promptVersionsQuery } from '../../queries/prompts.ts';
import { templateKeys } from '../../queries/templates.ts';
import { useNewRun } from './new-run-context.ts';
import { contentOf } from './template-content.ts';
import styles from './new-run.module.css';

/** Makes a template of the project of what stands in the form. */
export function SaveTemplate({ onClose }: { onClose: () => void }) {
  const { draft, read, dataset, items = [] } = useNewRun();
  const queries = useQueryClient();
  const [given, setGiven] = useState({
    name: '',
    description: '',
    bestPractice: '',
  });
  const { prompt } = draft.target.model;
  const latest = useQuery({
    ...promptQuery(prompt.promptId),
    enabled: prompt.source === 'saved' && prompt.promptId !== '',
  });
  const saved = useSavedVersion(latest.data, prompt.version);
  const save = useMutation({
    mutationFn: async () => {
      const { name } = given;
      const content = templateContent.parse(
        contentOf(read.body, { ...given, dataset, items, saved: (await saved())?.content }),
      );
      return client.createTemplate({ body: { name, content } });
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: templateKeys.all }),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  const faultOf = (field: string): string | undefined =>
    save.error instanceof ApiError
      ? save.error.errors.find((one) => one.field === field)?.message
      : undefined;
  const set = (change: Partial<typeof given>): void =>
    setGiven((before) => ({ ...before, ...change }));
  return (
    <Dialog title="Save as a template" size="34rem" onClose={onClose}>
      {save.data ? (
        <p>
          Saved.{' '}
          <Link to="/templates/$templateId" params={{ templateId: save.data.id }}>
            See the template “{save.data.name}”
          </Link>
        </p>
      ) : (
        <form onSubmit={submit} className={styles.fields}>
          <p className={styles.soft}>
            It holds the prompt, parameters, metrics and repeats, with the shape of the dataset and
            its first items as examples; the model is chosen when it is used.
          </p>
          <TextInput
            size="xs"
            label="Name"
            required
            data-autofocus
            error={faultOf('name')}
            value={given.name}
            onChange={({ currentTarget }) => set({ name: currentTarget.value })}
          />
          <Textarea
            size="xs"
            label="What it is for"
            required
            autosize
            minRows={2}
            error={faultOf('content.description')}
            value={given.description}
            onChange={({ currentTarget }) => set({ description: currentTarget.value })}
          />
          <Textarea
            size="xs"
            label="Best practice"
            description="What whoever uses it should know; a line each"
            required
            autosize
            minRows={2}
            error={faultOf('content.bestPractice')}
            value={given.bestPractice}
            onChange={({ currentTarget }) => set({ bestPractice: currentTarget.value })}
          />
          {items.length === 0 && (
            <p className={styles.fault}>
              Choose a dataset first: its items become the examples of the template.
            </p>
          )}
          {save.isError && <ProblemPanel error={save.error} doing="save the template" />}
          <Button
            type="submit"
            size="xs"
            className={styles.add}
            disabled={save.isPending || items.length === 0}
          >
            Save
          </Button>
        </form>
      )}
    </Dialog>
  );
}

/** The version of a prompt of the project that the draft names. */
function useSavedVersion(
  prompt: Prompt | undefined,
  version: number | undefined,
): () => Promise<PromptVersion | undefined> {
  const queries = useQueryClient();
  return async () => {
    if (!prompt || version === undefined || version === prompt.latest.version) {
      return prompt?.latest;
    }
    const { pages } = await queries.fetchInfiniteQuery(promptVersionsQuery(prompt.id));
    return pages.flatMap(({ items }) => items).find((one) => one.version === version);
  };
}
