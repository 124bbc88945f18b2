import type { UploadPreview } from '#libs/contracts';
import { clip, gist } from '../../../components/json-text.ts';
import { Scrollable } from '../../../components/scrollable.tsx';
import { formatCount } from '../../../format/numbers.ts';
import styles from './import.module.css';

/** What the first lines would become. */
export function PreviewItems({ preview: { items } }: { preview: UploadPreview }) {
  if (items.length === 0) return null;
  return (
    <section aria-label="First items">
      <h3>What becomes of it</h3>
      <Scrollable className={styles.scroll} label="First items, as a table">
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Line</th>
              <th scope="col">Key</th>
              <th scope="col">Input</th>
              <th scope="col">Expected</th>
              <th scope="col">Tags</th>
              <th scope="col">Split</th>
              <th scope="col">Metadata</th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <tr key={item.line}>
                <td className="numeric">{formatCount(item.line)}</td>
                <td>{item.key ?? <span className={styles.soft}>made</span>}</td>
                <td>{gist(item.input, 160)}</td>
                <td>{gist(item.expected ?? null, 100)}</td>
                <td>{item.tags.join(', ')}</td>
                <td>{item.split}</td>
                <td>{item.metadata === undefined ? '' : clip(item.metadata, 80)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrollable>
    </section>
  );
}
