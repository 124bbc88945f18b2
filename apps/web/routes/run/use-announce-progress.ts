import { useEffect, useRef } from 'react';
import type { Run } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { stateNames } from '../../components/run-state.tsx';

/** Tells a screen reader of each quarter, and of each change of state: never of every number. */
export function useAnnounceProgress(run: Run): void {
  const announce = useAnnounce();
  const quarter = run.total === 0 ? 0 : Math.floor((4 * run.done) / run.total);
  const before = useRef({ state: run.state, quarter });
  useEffect(() => {
    const { state, quarter: reached } = before.current;
    if (state !== run.state) announce(`The run is ${stateNames[run.state].toLowerCase()}`);
    else if (quarter > reached && run.state === 'running') announce(`${quarter * 25} percent done`);
    before.current = { state: run.state, quarter };
  }, [run.state, quarter, announce]);
}
