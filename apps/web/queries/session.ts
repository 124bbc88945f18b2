import { queryOptions, useQuery } from '@tanstack/react-query';
import { roles, type Role } from '#libs/contracts';
import { ApiError } from '#libs/sdk';
import { client } from './client.ts';
import { forgetProject } from './project.ts';

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }) => {
    try {
      return await client.getSession({ signal });
    } catch (error) {
      // Another key, or another server: what was chosen with the one before is not for this one.
      if (!(error instanceof ApiError) || error.code !== 'project_not_found') throw error;
      forgetProject();
      return client.getSession({ signal });
    }
  },
  staleTime: 60_000,
});

/** Who is signed in; undefined only outside the pages that need a session. */
export const useSession = () => useQuery(sessionQuery).data;

/** Whether the session's role is at least this one. */
export function useMay(role: Role): boolean {
  const session = useSession();
  return session !== undefined && roles.indexOf(session.role) >= roles.indexOf(role);
}
