import { useEffect, useEffectEvent } from 'react';

export interface Actions {
  /** A digit, x, or what begins a number. True where it meant something. */
  choose: (key: string) => boolean;
  move: (step: number) => void;
  /** Chooses the value beside the one that is chosen. */
  shift: (step: number) => void;
  submit: () => void;
  skip: () => void;
  back: () => void;
  forward: () => void;
  comment: () => void;
  note: () => void;
  guidelines: () => void;
  keys: () => void;
  /** Out of a text field, back to the question. */
  leaveText: () => void;
}

type Named = Exclude<keyof Actions, 'choose' | 'move' | 'shift' | 'leaveText'>;
const letters: Partial<Record<string, Named>> = {
  s: 'skip',
  b: 'back',
  f: 'forward',
  c: 'comment',
  n: 'note',
  g: 'guidelines',
  '?': 'keys',
};
const shifts: Partial<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1 };
const steps: Partial<Record<string, number>> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

/** Hears the keys of the whole page, except where somebody writes or a dialog is open. */
export function useKeys(actions: Actions): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const { key, target } = event;
    if (event.defaultPrevented || !(target instanceof Element)) return;
    if (document.querySelector('[aria-modal="true"]')) return;
    const heard = (): void => event.preventDefault();
    if (key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      heard();
      return actions.submit();
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.closest('textarea, select, input:not([type="radio"])')) {
      if (key !== 'Escape') return;
      heard();
      return actions.leaveText();
    }
    // A button, a link or a fold has its own Enter.
    if (key === 'Enter') {
      if (target.closest('button, a, summary')) return;
      heard();
      return actions.submit();
    }
    const step = steps[key];
    if (step !== undefined) {
      heard();
      return actions.move(step);
    }
    const shift = shifts[key];
    // A group of radio buttons that has the focus moves by itself.
    if (shift !== undefined && !target.closest('input')) {
      heard();
      return actions.shift(shift);
    }
    const letter = letters[key];
    if (letter !== undefined) {
      heard();
      return actions[letter]();
    }
    if (actions.choose(key)) heard();
  });
  useEffect(() => {
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}
