import { Button, PasswordInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { client, isSignedOut } from '../queries/client.ts';
import { forgetProject } from '../queries/project.ts';
import { sessionQuery } from '../queries/session.ts';
import { explain } from '../components/explain.ts';
import { isOwnPage } from './sign-in-search.ts';
import { ColorSchemeToggle } from '../theme/color-scheme-toggle.tsx';
import styles from './sign-in.module.css';

const route = getRouteApi('/sign-in');

export function SignIn() {
  const { next } = route.useSearch();
  const router = useRouter();
  const queries = useQueryClient();
  const [key, setKey] = useState('');
  const signIn = useMutation({
    mutationFn: (key: string) => {
      // Another key may not work in the project that was chosen with the last one.
      forgetProject();
      return client.signIn({ body: { key } });
    },
    onSuccess: (session) => {
      // Another key may see other things: nothing of the last session stays.
      queries.clear();
      queries.setQueryData(sessionQuery.queryKey, session);
      const address = next ?? '/runs';
      if (isOwnPage(address)) router.history.push(address);
      else window.location.assign(address);
    },
  });
  useEffect(() => {
    document.title = 'Sign in · LLM-Eval';
  }, []);

  return (
    <main className={styles.page}>
      <div className={styles.corner}>
        <ColorSchemeToggle />
      </div>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (key.trim() !== '') signIn.mutate(key.trim());
        }}
      >
        <img src="/favicon.svg" alt="" width={36} height={36} />
        <h1>Sign in to LLM-Eval</h1>
        <PasswordInput
          label="Key"
          name="key"
          autoComplete="current-password"
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- the one thing this page is for
          autoFocus
          required
          withAsterisk={false}
          size="md"
          value={key}
          onChange={(event) => {
            setKey(event.currentTarget.value);
            if (signIn.isError) signIn.reset();
          }}
          error={signIn.isError ? whyNot(signIn.error) : undefined}
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the key' }}
        />
        <Button type="submit" size="md" disabled={signIn.isPending || key.trim() === ''}>
          {signIn.isPending ? 'Signing in…' : 'Sign in'}
        </Button>
        <div className={styles.help}>
          <h2>Where is the key?</h2>
          <p>
            <code>npm start</code> prints the first admin key once, at its first start, and keeps it
            in its data folder (<code>.llm-eval</code>, unless <code>LLM_EVAL_HOME</code> names
            another), readable by its owner only.
          </p>
          <p>
            A server that was given <code>LLM_EVAL_ADMIN_KEY</code> uses that one. Other keys come
            from an admin of your project.
          </p>
        </div>
      </form>
    </main>
  );
}

function whyNot(error: unknown): string {
  if (isSignedOut(error)) return 'This key is not known here. Was it copied whole, or revoked?';
  const { title, remedy } = explain(error);
  return `Could not sign in: ${title}. ${remedy}`;
}
