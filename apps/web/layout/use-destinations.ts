import { roles } from '#libs/contracts';
import { useSession } from '../queries/session.ts';
import { groups, type Destination } from './navigation.ts';

/** The screens that the caller may see, in their groups. */
export function useDestinations(): typeof groups {
  const session = useSession();
  const isShown = ({ role = 'viewer', instance = false }: Destination): boolean =>
    session !== undefined &&
    roles.indexOf(session.role) >= roles.indexOf(role) &&
    (!instance || session.instance);
  return groups
    .map(({ label, destinations }) => ({ label, destinations: destinations.filter(isShown) }))
    .filter(({ destinations }) => destinations.length > 0);
}
