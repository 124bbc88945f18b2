import { Scrollable } from '../../components/scrollable.tsx';
import type { Field } from '../../components/schema-form/schema.ts';
import styles from './metric.module.css';

/** What can be configured, as a table; of a group also what is in it. */
export function Parameters({ fields }: { fields: readonly Field[] }) {
  const rows = fields.flatMap((field) => [
    field,
    ...field.fields.map((inner) => ({ ...inner, name: `${field.name}.${inner.name}` })),
  ]);
  if (fields.length === 0) return <p className={styles.soft}>There is nothing to configure.</p>;
  return (
    <Scrollable className={styles.scroll} label="Parameters, table">
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Type</th>
            <th scope="col">Default</th>
            <th scope="col">Meaning</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, type, limits, fallback, required, description }) => (
            <tr key={name}>
              <th scope="row">
                <code>{name}</code>
              </th>
              <td>
                {type}
                {limits !== '' && <span className={styles.limits}>{limits}</span>}
              </td>
              <td>
                {required ? (
                  <strong>needed</strong>
                ) : fallback === undefined ? (
                  '–'
                ) : (
                  <code>{JSON.stringify(fallback)}</code>
                )}
              </td>
              <td>{description ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrollable>
  );
}
