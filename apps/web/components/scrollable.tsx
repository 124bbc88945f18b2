import type { ReactNode } from 'react';

/** A box that scrolls by itself, and so must be reachable by keyboard and have a name. */
export function Scrollable(props: {
  label: string;
  className?: string | undefined;
  children: ReactNode;
}) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- see above
    <section className={props.className} aria-label={props.label} tabIndex={0}>
      {props.children}
    </section>
  );
}
