import { CircleAlert, CircleCheck, CircleDashed } from 'lucide-react';
import type { ReactNode } from 'react';
import styles from './new-run.module.css';

export const sectionNames = {
  dataset: 'Dataset',
  target: 'Target',
  metrics: 'Metrics',
  review: 'Review',
} as const;
export type SectionId = keyof typeof sectionNames;

/** The section that has the field at a path of a run. */
export function sectionOf(field: string): SectionId {
  if (/^(dataset|filter)/.test(field)) return 'dataset';
  if (field.startsWith('target')) return 'target';
  return field.startsWith('metrics') ? 'metrics' : 'review';
}

/** How far a section is: as it should be, not yet, or with something wrong in it. */
export type Progress = 'done' | 'open' | 'wrong';

const marks = { done: CircleCheck, open: CircleDashed, wrong: CircleAlert } as const;
const words: Record<Progress, string> = {
  done: 'complete',
  open: 'not complete yet',
  wrong: 'something is wrong',
};

export function ProgressMark({ progress }: { progress: Progress }) {
  const Icon = marks[progress];
  return (
    <span className={styles.mark} data-progress={progress}>
      <Icon size={16} aria-hidden />
      <span className="visually-hidden">{words[progress]}</span>
    </span>
  );
}

/** A step of the form, under its number. */
export function Section(props: {
  id: SectionId;
  number: number;
  progress: Progress;
  about: string;
  children: ReactNode;
}) {
  const { id, number, progress, about, children } = props;
  return (
    <section id={id} aria-labelledby={`${id}-title`} className={styles.section} tabIndex={-1}>
      <div className={styles.sectionHead}>
        <h2 id={`${id}-title`}>
          <span className={styles.number} aria-hidden>
            {number}
          </span>
          {sectionNames[id]}
        </h2>
        <ProgressMark progress={progress} />
        <p>{about}</p>
      </div>
      {children}
    </section>
  );
}
