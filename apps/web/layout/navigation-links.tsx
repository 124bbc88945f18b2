import { Link } from '@tanstack/react-router';
import { useDestinations } from './use-destinations.ts';
import styles from './navigation-links.module.css';

/**
 * The way to every screen that the caller may see.
 * @param onFollow for a drawer, which closes when a link is followed
 */
export function NavigationLinks({ onFollow }: { onFollow?: () => void }) {
  return (
    <nav aria-label="Main" className={styles.navigation}>
      {useDestinations().map(({ label, destinations }) => (
        <div key={label} className={styles.group}>
          <h2 className={styles.label}>{label}</h2>
          <ul className={styles.links}>
            {destinations.map(({ label: name, to, icon: Icon }) => (
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
      ))}
    </nav>
  );
}
