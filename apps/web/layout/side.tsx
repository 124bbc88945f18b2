import { ColorSchemeToggle } from '../theme/color-scheme-toggle.tsx';
import { AccountMenu } from './account-menu.tsx';
import { Brand } from './brand.tsx';
import { ConnectionHint } from './connection-hint.tsx';
import { GoTo } from './go-to/go-to.tsx';
import { NavigationLinks } from './navigation-links.tsx';
import styles from './side.module.css';

/** The frame's left side, where there is room for one. */
export function Side() {
  return (
    <header className={styles.side}>
      <div className={styles.top}>
        <Brand />
      </div>
      <div className={styles.goTo}>
        <GoTo />
      </div>
      <div className={styles.links}>
        <NavigationLinks />
      </div>
      <div className={styles.hint}>
        <ConnectionHint />
      </div>
      <div className={styles.end}>
        <AccountMenu />
        <ColorSchemeToggle />
      </div>
    </header>
  );
}
