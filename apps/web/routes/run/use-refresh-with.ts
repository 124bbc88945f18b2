import { useEffect, useEffectEvent, useRef } from 'react';
import type { Run } from '#libs/contracts';

/** What comes from the API only is asked for anew as the run moves, but not more often than every so many ms. */
export function useRefreshWith(run: Run, refresh: () => void, every: number): void {
  const seen = useRef(run.version);
  const lastAt = useRef(0);
  const onDue = useEffectEvent(refresh);
  useEffect(() => {
    if (seen.current === run.version) return undefined;
    const wait = Math.max(0, lastAt.current + every - Date.now());
    const timer = setTimeout(() => {
      seen.current = run.version;
      lastAt.current = Date.now();
      onDue();
    }, wait);
    return () => clearTimeout(timer);
  }, [run.version, every]);
}
