import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Run } from '#libs/contracts';
import { formatCount } from '../../format/numbers.ts';
import { recentRunsQuery } from '../../queries/providers.ts';

const LOOKED_AT = 200;

/** The runs that use something, of the newest ones; the last of them by its name. */
export function Users({ uses }: { uses: (run: Run) => boolean }) {
  const { data } = useQuery(recentRunsQuery);
  if (!data) return '–';
  const users = data.filter(uses);
  const [last] = users;
  const among = data.length < LOOKED_AT ? '' : ` of the newest ${LOOKED_AT}`;
  if (!last) return `no run${among}`;
  return (
    <>
      {formatCount(users.length)} {users.length === 1 ? 'run' : 'runs'}
      {among}, last{' '}
      <Link to="/runs/$runId" params={{ runId: last.id }}>
        {last.name}
      </Link>
    </>
  );
}
