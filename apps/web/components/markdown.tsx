import { ExternalLink } from 'lucide-react';
import ReactMarkdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import styles from './markdown.module.css';

/**
 * A text that a model or a dataset wrote, as Markdown. It is nobody's we trust: HTML in it is text,
 * links say that they lead elsewhere and tell that place nothing, and an image is a link to it, so that
 * no other host learns that it was looked at. Loads with the first text that is shown like this.
 */
export function Markdown({ text }: { text: string }) {
  return (
    <div className={styles.markdown}>
      <ReactMarkdown remarkPlugins={[remarkGfm]} components={components}>
        {text}
      </ReactMarkdown>
    </div>
  );
}

/** Headings of a text are none of the page, whose outline would be broken by them. */
const Heading: Components['h1'] = ({ children }) => <p className={styles.heading}>{children}</p>;

const components: Components = {
  h1: Heading,
  h2: Heading,
  h3: Heading,
  h4: Heading,
  h5: Heading,
  h6: Heading,
  a: ({ href, children }) => <Away href={href}>{children}</Away>,
  img: ({ src, alt }) => (
    <Away href={typeof src === 'string' ? src : undefined}>
      Image{alt !== undefined && alt !== '' && `: ${alt}`}
    </Away>
  ),
  // Of a list of tasks.
  input: ({ checked }) => (
    <>
      <span aria-hidden>{checked === true ? '☑' : '☐'}</span>
      <span className="visually-hidden">{checked === true ? 'Done:' : 'Not done:'}</span>
    </>
  ),
};

/** What names no place elsewhere, as a path on this server or a footnote, is no link. */
function Away({ href, children }: { href: string | undefined; children: React.ReactNode }) {
  if (href === undefined || !/^(https?|mailto):/i.test(href)) return <span>{children}</span>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow" title={href}>
      {children}
      <ExternalLink size={12} aria-label="(elsewhere)" className={styles.away} />
    </a>
  );
}
