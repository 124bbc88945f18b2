import { lazy, Suspense } from 'react';
import type { Json } from '#libs/contracts';
import { conversation, type Message } from './conversation.ts';
import { asText } from './json-text.ts';
import styles from './rendered-value.module.css';

const Markdown = lazy(async () => ({ default: (await import('./markdown.tsx')).Markdown }));

/** Markdown of this length is read at once; beyond it, the page would stand still for a moment. */
const MARKDOWN_MAX = 100_000;

/**
 * A value as people read it: text as text, a conversation by who speaks, an object by its fields.
 * @param props.markdown texts are shown as the Markdown that they are
 */
export function RenderedValue({ value, markdown = false }: { value: Json; markdown?: boolean }) {
  if (typeof value === 'string') return <Text text={value} markdown={markdown} />;
  const messages = conversation.safeParse(value);
  if (messages.success) return <Conversation messages={messages.data} markdown={markdown} />;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return <Fields value={value} markdown={markdown} />;
  }
  return <pre className={styles.json}>{asText(value)}</pre>;
}

function Text({ text, markdown }: { text: string; markdown: boolean }) {
  const plain = <p className={styles.text}>{text}</p>;
  if (!markdown || text.length > MARKDOWN_MAX) return plain;
  return (
    <Suspense fallback={plain}>
      <Markdown text={text} />
    </Suspense>
  );
}

function Conversation({ messages, markdown }: { messages: Message[]; markdown: boolean }) {
  return (
    <ol className={styles.messages}>
      {messages.map(({ role, content, ...more }, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- a message has nothing but its place
        <li key={index}>
          <span className={styles.name}>{role}</span>
          <Inner value={content} markdown={markdown} />
          {Object.keys(more).length > 0 && (
            <pre className={styles.json}>{JSON.stringify(more, null, 2)}</pre>
          )}
        </li>
      ))}
    </ol>
  );
}

function Fields({ value, markdown }: { value: Record<string, Json>; markdown: boolean }) {
  const fields = Object.entries(value);
  if (fields.length === 0) return <pre className={styles.json}>{'{}'}</pre>;
  return (
    <dl className={styles.fields}>
      {fields.map(([name, part]) => (
        <div key={name}>
          <dt className={styles.name}>{name}</dt>
          <dd>
            <Inner value={part} markdown={markdown} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** One level is laid out; what lies deeper is JSON. */
function Inner({ value, markdown }: { value: Json; markdown: boolean }) {
  if (typeof value === 'string') return <Text text={value} markdown={markdown} />;
  return <pre className={styles.json}>{asText(value)}</pre>;
}
