import { Outlet } from '@tanstack/react-router';
import { Header } from './header.tsx';
import styles from './page.module.css';

/** The frame around every page of a signed-in caller. */
export function Page() {
  return (
    <>
      <a href="#main" className={styles.skip}>
        Skip to the content
      </a>
      <Header />
      <main id="main" tabIndex={-1} className={styles.main}>
        <Outlet />
      </main>
    </>
  );
}
