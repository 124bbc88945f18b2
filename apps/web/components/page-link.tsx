import { useRouter } from '@tanstack/react-router';
import type { ReactNode } from 'react';

/** A link to a page of this site whose address is made as text; it loads no new document. */
export function PageLink(props: {
  href: string;
  className?: string | undefined;
  children: ReactNode;
}) {
  const router = useRouter();
  return (
    <a
      href={props.href}
      className={props.className}
      onClick={(event) => {
        if (event.defaultPrevented || event.button !== 0) return;
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        router.history.push(props.href);
      }}
    >
      {props.children}
    </a>
  );
}
