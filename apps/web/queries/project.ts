const PLACE = 'llm-eval-project';

/** The project that somebody with a key of the instance chose to work in; undefined: their key's own. */
export const chosenProject = (): string | undefined => localStorage.getItem(PLACE) ?? undefined;

export const forgetProject = (): void => localStorage.removeItem(PLACE);

/**
 * Shows another project from here on, on a fresh page: nothing of the one before stays in memory.
 * @param to the address of that page
 */
export function workIn(projectId: string, to = '/runs'): void {
  localStorage.setItem(PLACE, projectId);
  window.location.assign(to);
}
