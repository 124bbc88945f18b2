import { Button } from '@mantine/core';
import type { Json, MetricDescription } from '#libs/contracts';
import { Scrollable } from '../../components/scrollable.tsx';
import styles from './metric.module.css';

type Example = MetricDescription['examples'][number];

/** Cases with the values that they get: the tests hold the metric to them. */
export function Examples({
  examples,
  onTry,
}: {
  examples: Example[];
  onTry: ((index: number) => void) | undefined;
}) {
  return (
    <section aria-labelledby="examples" className={styles.section}>
      <h2 id="examples">Examples</h2>
      <Scrollable className={styles.scroll} label="Examples, table">
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Case</th>
              <th scope="col">Configuration</th>
              <th scope="col">Value</th>
              {onTry && (
                <th scope="col">
                  <span className="visually-hidden">Try</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {examples.map((example, index) => (
              <tr key={JSON.stringify(example)}>
                <td>
                  <dl className={styles.case}>
                    {Object.entries(example.item).map(([name, value]) => (
                      <div key={name}>
                        <dt>{name}</dt>
                        <dd>
                          <code>{clipped(value)}</code>
                        </dd>
                      </div>
                    ))}
                    {(example.answers ?? []).map((answer, place) => (
                      <div key={JSON.stringify([place, answer])}>
                        <dt>the model answers</dt>
                        <dd>
                          <code>{clipped(answer)}</code>
                        </dd>
                      </div>
                    ))}
                  </dl>
                </td>
                <td className={styles.config}>
                  {Object.keys(example.config).length === 0 ? (
                    '–'
                  ) : (
                    <code>{clipped(example.config)}</code>
                  )}
                </td>
                <td className="numeric">
                  {example.value === null ? 'not applicable' : String(example.value)}
                </td>
                {onTry && (
                  <td>
                    <Button
                      variant="default"
                      size="compact-xs"
                      aria-label={`Try example ${index + 1}`}
                      onClick={() => onTry(index)}
                    >
                      Try
                    </Button>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </Scrollable>
    </section>
  );
}

function clipped(value: Json | Record<string, Json>): string {
  const text = JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
