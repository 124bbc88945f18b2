import { Link } from '@tanstack/react-router';
import styles from './not-found.module.css';

export function NotFound() {
  return (
    <section className={styles.page}>
      <h1>There is nothing at this address</h1>
      <p>The link may be mistyped, or what it led to belongs to another project.</p>
      <p>
        <Link to="/runs">See all runs</Link>
      </p>
    </section>
  );
}
