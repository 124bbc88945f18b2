import type { ReviewQueue, ReviewTask } from '#libs/contracts';
import { TextViewControl, useTextView } from '../../components/text-view.tsx';
import { ValueBlock } from '../../components/value-block.tsx';
import { ScoreValue } from '../../components/score-value.tsx';
import styles from './score.module.css';

/** What there is to read of an item. */
export function Reading({ queue, task }: { queue: ReviewQueue; task: ReviewTask }) {
  const [chosen, choose] = useTextView();
  const view = chosen === 'difference' ? 'text' : chosen;
  const { key, repeat, runName, input, output, expected, context, scores, mine } = task;
  return (
    <>
      <div className={styles.about}>
        <h2>
          {key}
          {repeat > 0 && <span className={styles.soft}> repeat {repeat}</span>}
        </h2>
        <span className={styles.soft}>
          {runName ?? 'blind'}
          {mine.state === 'done' && ' · you have scored it: submit again to replace that'}
          {mine.state === 'skipped' && ' · you have skipped it'}
        </span>
        <TextViewControl
          className={styles.views}
          views={['text', 'markdown', 'json']}
          value={view}
          onChange={choose}
        />
      </div>
      <ValueBlock name="Input" value={input} none="none" view={view} />
      {queue.showExpected && expected !== null && (
        <ValueBlock name="Expected" value={expected} none="none" view={view} />
      )}
      <div className={styles.output}>
        <ValueBlock name="Output" value={output} none="no output" view={view} />
      </div>
      {context !== null && (
        <details className={styles.more}>
          <summary>Context</summary>
          <ValueBlock name="Context" value={context} none="none" view={view} />
        </details>
      )}
      {scores !== null && scores.length > 0 && (
        <details className={styles.more}>
          <summary>Automated scores</summary>
          <ul className={styles.scores}>
            {scores.map((score) => (
              <li key={score.name}>
                <span>{score.name}</span>
                <ScoreValue score={score} />
                {score.reason !== undefined && <p className={styles.soft}>{score.reason}</p>}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
