import { Link } from '@tanstack/react-router';
import { useSession } from '../queries/session.ts';
import styles from './brand.module.css';

/** Whose product this is, and whose project is shown. */
export function Brand() {
  const session = useSession();
  return (
    <div className={styles.brand}>
      <Link to="/" className={styles.home} aria-label="LLM-Eval, home">
        <img src="/favicon.svg" alt="" width={22} height={22} />
        <span className={styles.name}>LLM-Eval</span>
      </Link>
      {session && (
        <span className={styles.project} title={`Project ${session.project.name}`}>
          <span className="visually-hidden">Project </span>
          {session.project.name}
        </span>
      )}
    </div>
  );
}
