import type { Json } from '#libs/contracts';
import { conversation, type Message } from './conversation.ts';
import { asText } from './json-text.ts';
import styles from './rendered-value.module.css';

/** A value as people read it: text as text, a conversation by who speaks, an object by its fields. */
export function RenderedValue({ value }: { value: Json }) {
  if (typeof value === 'string') return <p className={styles.text}>{value}</p>;
  const messages = conversation.safeParse(value);
  if (messages.success) return <Conversation messages={messages.data} />;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return <Fields value={value} />;
  }
  return <pre className={styles.json}>{asText(value)}</pre>;
}

function Conversation({ messages }: { messages: Message[] }) {
  return (
    <ol className={styles.messages}>
      {messages.map(({ role, content, ...more }, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- a message has nothing but its place
        <li key={index}>
          <span className={styles.name}>{role}</span>
          <Inner value={content} />
          {Object.keys(more).length > 0 && (
            <pre className={styles.json}>{JSON.stringify(more, null, 2)}</pre>
          )}
        </li>
      ))}
    </ol>
  );
}

function Fields({ value }: { value: Record<string, Json> }) {
  const fields = Object.entries(value);
  if (fields.length === 0) return <pre className={styles.json}>{'{}'}</pre>;
  return (
    <dl className={styles.fields}>
      {fields.map(([name, part]) => (
        <div key={name}>
          <dt className={styles.name}>{name}</dt>
          <dd>
            <Inner value={part} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** One level is laid out; what lies deeper is JSON. */
function Inner({ value }: { value: Json }) {
  if (typeof value === 'string') return <p className={styles.text}>{value}</p>;
  return <pre className={styles.json}>{asText(value)}</pre>;
}
