import type { ErrorComponentProps } from '@tanstack/react-router';
import { useRouter } from '@tanstack/react-router';
import { ProblemPanel } from '../components/problem.tsx';
import styles from './page.module.css';

/** What stands in for the frame of all pages, where not even that could be shown. */
export function FrameFailure(props: ErrorComponentProps) {
  return (
    <main className={styles.main}>
      <Failure {...props} />
    </main>
  );
}

/** What stands in for a page that could not be shown. */
export function Failure({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const retry = (): void => {
    reset();
    void router.invalidate();
  };
  return <ProblemPanel error={error} doing="show this page" onRetry={retry} />;
}
