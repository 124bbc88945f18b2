import { Dialog } from '../../components/dialog.tsx';
import styles from './score.module.css';

const keys: [keys: string[], does: string][] = [
  [['1', '…', '9'], 'Choose a value, and go to the next question'],
  [['x'], 'Cannot tell'],
  [['j', '↓'], 'Next question'],
  [['k', '↑'], 'Question before'],
  [['←', '→'], 'Move the choice'],
  [['Enter'], 'Submit, and show the next item'],
  [['Ctrl', 'Enter'], 'The same, also while you write'],
  [['s'], 'Skip'],
  [['b'], 'Back to the item before'],
  [['f'], 'Forward again'],
  [['c'], 'Comment on this score'],
  [['n'], 'Note on the item'],
  [['g'], 'Show or hide the guidelines'],
  [['v'], 'Texts as text, Markdown or JSON'],
  [['Esc'], 'Out of a text field'],
  [['?'], 'These keys'],
];

/** What the keys do. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" size="28rem" onClose={onClose}>
      <dl className={styles.keys}>
        {keys.map(([pressed, does]) => (
          <div key={does}>
            <dt>{pressed.map((key) => (key === '…' ? '…' : <kbd key={key}>{key}</kbd>))}</dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
