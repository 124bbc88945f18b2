import { queryOptions, useQuery } from '@tanstack/react-query';
import { roles, type Role } from '#libs/contracts';
import { client } from './client.ts';

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => client.getSession({ signal }),
  staleTime: 60_000,
});

/** Who is signed in; undefined only outside the pages that need a session. */
export const useSession = () => useQuery(sessionQuery).data;

/** Whether the session's role is at least this one. */
export function useMay(role: Role): boolean {
  const session = useSession();
  return session !== undefined && roles.indexOf(session.role) >= roles.indexOf(role);
}
