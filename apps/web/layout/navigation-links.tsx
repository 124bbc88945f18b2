import { Link } from '@tanstack/react-router';
import { roles } from '#libs/contracts';
import { useSession } from '../queries/session.ts';
import { groups, type Destination } from './navigation.ts';
import styles from './navigation-links.module.css';

/**
 * The way to every screen that the caller may see.
 * @param onFollow for a drawer, which closes when a link is followed
 */
export function NavigationLinks({ onFollow }: { onFollow?: () => void }) {
  const session = useSession();
  const isShown = ({ role = 'viewer', instance = false }: Destination): boolean =>
    session !== undefined &&
    roles.indexOf(session.role) >= roles.indexOf(role) &&
    (!instance || session.instance);
  return (
    <nav aria-label="Main" className={styles.navigation}>
      {groups.map(({ label, destinations }) => {
        const shown = destinations.filter(isShown);
        if (shown.length === 0) return null;
        return (
          <div key={label} className={styles.group}>
            <h2 className={styles.label}>{label}</h2>
            <ul className={styles.links}>
              {shown.map(({ label: name, to, icon: Icon }) => (
                <li key={to}>
                  <Link
                    to={to}
                    className={styles.link}
                    activeOptions={{ exact: to === '/', includeSearch: false }}
                    activeProps={{ 'data-active': true }}
                    onClick={onFollow}
                  >
                    <Icon size={16} aria-hidden />
                    {name}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </nav>
  );
}
