import { Checkbox, NativeSelect } from '@mantine/core';
import type { Json, UploadPreview } from '#libs/contracts';
import { clip } from '../../../components/json-text.ts';
import { Scrollable } from '../../../components/scrollable.tsx';
import { roleNames, roles as allRoles, withRole, type ColumnRole } from './mapping.ts';
import styles from './import.module.css';

const choices = ['unused', ...allRoles] as const;

/** The columns of the file, the first values of each, and what each is in an item. */
export function ColumnRoles(props: {
  preview: UploadPreview;
  /** Undefined: they are what their names say. */
  roles: readonly ColumnRole[] | undefined;
  fitting: boolean;
  onMapped: (mapped: boolean) => void;
  onRoles: (roles: ColumnRole[]) => void;
}) {
  const { preview, roles, fitting, onMapped, onRoles } = props;
  const { columns, rows } = preview;
  if (columns.length === 0) return null;
  return (
    <section aria-label="Columns">
      <h3>Columns</h3>
      {fitting ? (
        <Checkbox
          size="xs"
          my="xs"
          label="They have the names of an item’s fields"
          checked={roles === undefined}
          onChange={({ currentTarget }) => onMapped(!currentTarget.checked)}
        />
      ) : (
        <p className={styles.soft}>
          Say what each column is. One column of a kind is the value itself; several become an
          object with their names.
        </p>
      )}
      {roles !== undefined && (
        <Scrollable className={styles.scroll} label="Columns of the file">
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">Column</th>
                <th scope="col">First values</th>
                <th scope="col">Is</th>
              </tr>
            </thead>
            <tbody>
              {columns.map((name, index) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td className={styles.values}>
                    {rows.slice(0, 3).map(({ line, cells }) => (
                      <span key={line}>{shown(cells[index])}</span>
                    ))}
                  </td>
                  <td>
                    <NativeSelect
                      size="xs"
                      aria-label={`${name} is`}
                      value={roles[index] ?? 'unused'}
                      data={choices.map((value) => ({ value, label: roleNames[value] }))}
                      onChange={({ currentTarget: { value } }) =>
                        onRoles(
                          withRole(roles, index, choices.find((one) => one === value) ?? 'unused'),
                        )
                      }
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scrollable>
      )}
    </section>
  );
}

const shown = (value: Json | undefined): string =>
  value === undefined || value === null || value === '' ? '–' : clip(value, 60);
