import { createLink, type LinkComponent } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import type { ComponentPropsWithRef } from 'react';
import styles from './back-link.module.css';

const Anchor = ({ children, ...props }: ComponentPropsWithRef<'a'>) => (
  <a {...props} className={styles.back}>
    <ChevronLeft size={14} aria-hidden />
    {children}
  </a>
);
const AnchorLink = createLink(Anchor);

/** The way from one thing to the list of all, above its name. */
export const BackLink: LinkComponent<typeof Anchor> = (props) => <AnchorLink {...props} />;
