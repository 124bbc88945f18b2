import { Button, Skeleton, TextInput } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Play, Save, Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Prompt, PromptVersion } from '#libs/contracts';
import { BackLink } from '../../components/back-link.tsx';
import { useAnnounce } from '../../components/announcer.tsx';
import { DeletedHint } from '../../components/deleted-hint.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { client } from '../../queries/client.ts';
import { promptKeys, promptQuery, promptVersionsQuery } from '../../queries/prompts.ts';
import { useMay } from '../../queries/session.ts';
import { Difference } from './difference.tsx';
import type { PromptSearch } from './search.ts';
import { useWritten } from './use-written.ts';
import { Versions } from './versions.tsx';
import { Workbench } from './workbench.tsx';
import { contentOf, writtenOf } from './written.ts';
import styles from './prompt.module.css';

const route = getRouteApi('/app/prompts/$promptId');

/** One prompt: its versions, what differs between them, and the next one as it is written. */
export function PromptPage() {
  const { promptId } = route.useParams();
  const prompt = useQuery(promptQuery(promptId));
  const versions = useInfiniteQuery(promptVersionsQuery(promptId));
  const error = prompt.error ?? versions.error;
  return (
    <>
      <BackLink to="/prompts">All prompts</BackLink>
      {prompt.data && versions.data ? (
        <Shown
          key={promptId}
          prompt={prompt.data}
          versions={versions.data.pages.flatMap(({ items }) => items)}
          onOlder={versions.hasNextPage ? () => void versions.fetchNextPage() : undefined}
        />
      ) : error ? (
        <ProblemPanel
          error={error}
          doing="load this prompt"
          onRetry={() => void Promise.all([prompt.refetch(), versions.refetch()])}
        />
      ) : (
        <div aria-busy="true" className={styles.skeleton}>
          <span className="visually-hidden">Loading the prompt</span>
          <Skeleton height={26} width="min(18rem, 70%)" />
          <Skeleton height={260} />
        </div>
      )}
    </>
  );
}

function Shown(props: {
  prompt: Prompt;
  versions: PromptVersion[];
  onOlder: (() => void) | undefined;
}) {
  const { prompt, versions, onOlder } = props;
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: Partial<PromptSearch>): void =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const mayWrite = useMay('editor');
  const open = versions.find(({ version }) => version === search.version) ?? prompt.latest;
  const against = versions.find(({ version }) => version === search.against);
  const { remove, restore } = usePromptLife(prompt.id);
  useEffect(() => {
    document.title = `${prompt.name} · LLM-Eval`;
  }, [prompt.name]);
  return (
    <article aria-labelledby="prompt" className={styles.page}>
      <header className={styles.header}>
        <div className={styles.title}>
          <h1 id="prompt">{prompt.name}</h1>
          {prompt.description !== null && <p>{prompt.description}</p>}
        </div>
        {prompt.deletedAt === null && mayWrite && (
          <div className={styles.actions}>
            <Button
              renderRoot={(root) => (
                <Link to="/runs/new" search={{ prompt: prompt.id }} {...root} />
              )}
              size="xs"
              leftSection={<Play size={14} aria-hidden />}
            >
              Use in a run
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
          </div>
        )}
      </header>
      {prompt.deletedAt !== null && (
        <DeletedHint
          at={prompt.deletedAt}
          noun="prompt"
          means="New runs cannot name it; runs that used it keep its text."
          restore={restore}
        />
      )}
      {remove.isError && <ProblemPanel error={remove.error} doing="delete this prompt" />}
      <Editing
        key={open.version}
        prompt={prompt}
        open={open}
        dataset={search.dataset ?? ''}
        onDataset={(dataset) => set({ dataset: dataset === '' ? undefined : dataset })}
        onSaved={() => set({ version: undefined, against: undefined })}
        mayWrite={mayWrite && prompt.deletedAt === null}
      />
      {against && against.version !== open.version && (
        <Difference before={against} after={open} onClose={() => set({ against: undefined })} />
      )}
      <Versions
        versions={versions}
        open={open.version}
        against={against?.version}
        onOpen={(version) => set({ version, against: undefined })}
        onCompare={(against) => set({ against })}
        onOlder={onOlder}
      />
    </article>
  );
}

/** A version in the editor; what is changed becomes the next one. */
function Editing(props: {
  prompt: Prompt;
  open: PromptVersion;
  dataset: string;
  onDataset: (dataset: string) => void;
  onSaved: () => void;
  mayWrite: boolean;
}) {
  const { prompt, open, dataset, onDataset, onSaved, mayWrite } = props;
  const queries = useQueryClient();
  const announce = useAnnounce();
  const [note, setNote] = useState('');
  const [written, setWritten, forget] = useWritten(
    `${prompt.id}:${open.version}`,
    writtenOf(open.content),
  );
  const content = contentOf(written);
  const isChanged = JSON.stringify(content) !== JSON.stringify(open.content);
  const next = prompt.latest.version + 1;
  const save = useMutation({
    mutationFn: () =>
      client.createPromptVersion({
        params: { id: prompt.id },
        body: { content, ...(note.trim() !== '' && { note: note.trim() }) },
      }),
    onSuccess: async (made) => {
      forget();
      await queries.invalidateQueries({ queryKey: promptKeys.all });
      announce(`Saved as version ${made.version}`);
      onSaved();
    },
  });
  return (
    <Workbench
      title={`Version ${open.version}${open.version === prompt.latest.version ? ', the latest' : ''}`}
      value={written}
      onChange={(value) => {
        setWritten(value);
        if (!save.isIdle) save.reset();
      }}
      dataset={dataset}
      onDataset={onDataset}
      refusal={save.error}
      prefix="content"
    >
      {mayWrite && (
        <form
          className={styles.save}
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate();
          }}
        >
          <TextInput
            size="xs"
            label="What changed"
            placeholder="for people, such as: asks for one word"
            value={note}
            onChange={({ currentTarget }) => setNote(currentTarget.value)}
          />
          <Button
            type="submit"
            size="xs"
            leftSection={<Save size={14} aria-hidden />}
            disabled={!isChanged || save.isPending}
          >
            {save.isPending ? 'Saving…' : `Save as version ${next}`}
          </Button>
          {isChanged && (
            <Button size="xs" variant="default" onClick={forget}>
              Take the changes back
            </Button>
          )}
        </form>
      )}
    </Workbench>
  );
}

function usePromptLife(id: string) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const changed = (): Promise<void> => queries.invalidateQueries({ queryKey: promptKeys.all });
  return {
    remove: useMutation({
      mutationFn: () => client.deletePrompt({ params: { id } }),
      onSuccess: async () => {
        await changed();
        announce('The prompt is deleted; it can be restored');
      },
    }),
    restore: useMutation({
      mutationFn: () => client.restorePrompt({ params: { id } }),
      onSuccess: changed,
    }),
  };
}
