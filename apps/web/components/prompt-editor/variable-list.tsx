import type { Variable } from './variables.ts';
import styles from './prompt-editor.module.css';

/** The variables that a dataset offers, each a button that puts it into the template. */
export function VariableList(props: {
  variables: readonly Variable[];
  onChoose: (path: string) => void;
}) {
  const { variables, onChoose } = props;
  if (variables.length === 0) return null;
  return (
    <fieldset className={styles.variables}>
      <legend>Put in a variable</legend>
      {variables.map(({ path, example }) => (
        <button
          key={path}
          type="button"
          className={styles.variable}
          title={`such as ${example}`}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onChoose(path)}
        >
          <code>{path}</code>
        </button>
      ))}
    </fieldset>
  );
}
