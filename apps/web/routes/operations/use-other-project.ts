import type { MouseEvent } from 'react';
import { workIn } from '../../queries/project.ts';
import { useSession } from '../../queries/session.ts';

/**
 * What a link to a run of any project does besides: a page shows one project, so that of the run is
 * chosen first.
 */
export function useOtherProject(): (
  projectId: string,
) => ((event: MouseEvent<HTMLAnchorElement>) => void) | undefined {
  const current = useSession()?.project.id;
  return (projectId) =>
    projectId === current
      ? undefined
      : (event) => {
          event.preventDefault();
          workIn(projectId, event.currentTarget.href);
        };
}
