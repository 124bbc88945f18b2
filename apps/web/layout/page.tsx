import { useMediaQuery } from '@mantine/hooks';
import { Outlet } from '@tanstack/react-router';
import { Side } from './side.tsx';
import { TopBar } from './top-bar.tsx';
import styles from './page.module.css';

/** The frame around every page of a signed-in caller. */
export function Page() {
  // The same width as in tokens.css and page.module.css.
  const isNarrow = useMediaQuery('(max-width: 62rem)', undefined, {
    getInitialValueInEffect: false,
  });
  return (
    <div className={styles.frame}>
      <a href="#main" className={styles.skip}>
        Skip to the content
      </a>
      {isNarrow ? <TopBar /> : <Side />}
      <main id="main" tabIndex={-1} className={styles.main}>
        <Outlet />
      </main>
    </div>
  );
}
