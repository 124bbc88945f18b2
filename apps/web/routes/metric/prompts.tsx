import type { MetricDescription } from '#libs/contracts';
import styles from './metric.module.css';

/** What a judge asks its model, word for word. */
export function Prompts({ prompts }: { prompts: MetricDescription['prompts'] }) {
  return (
    <section aria-labelledby="prompts" className={styles.section}>
      <h2 id="prompts">Prompts</h2>
      <p className={styles.soft}>
        Liquid templates. <code>prompts</code> in the configuration replaces them by name; the form
        of the answer, a JSON Schema, is added to each.
      </p>
      {prompts.map(({ name, version, text }) => (
        <details key={name} className={styles.prompt}>
          <summary>
            <code>{name}</code> version {version}
          </summary>
          <pre>{text}</pre>
        </details>
      ))}
    </section>
  );
}
