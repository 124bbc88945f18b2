import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError, createClient } from '#libs/sdk';
import { chosenProject } from './project.ts';

/** The API of the page's own origin; the session cookie says who is calling. */
export const client = createClient({
  baseUrl: '',
  fetch: (url, init) => {
    const project = chosenProject();
    if (project === undefined) return fetch(url, init);
    const headers = new Headers(init.headers);
    headers.set('X-Project', project);
    return fetch(url, { ...init, headers });
  },
});

export const isSignedOut = (error: unknown): boolean =>
  error instanceof ApiError && error.status === 401;

/** An answer that will be the same the next time is not asked for again. */
const mayHelpToRetry = (failures: number, error: unknown): boolean =>
  failures < 2 && !(error instanceof ApiError && error.status < 500);

/** @param onSignedOut called whenever a call finds that the session has ended. */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  const onError = (error: unknown): void => {
    if (isSignedOut(error)) onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        retry: mayHelpToRetry,
        retryDelay: (failures) => Math.min(500 * 2 ** failures, 4_000),
        staleTime: 2_000,
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  });
}
