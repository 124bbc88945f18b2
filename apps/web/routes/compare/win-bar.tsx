import { formatCount, formatShare } from '../../format/numbers.ts';
import styles from './win-bar.module.css';

/** In how many pairs the candidate is better, the same or worse; told apart by pattern and place too. */
export function WinBar({
  wins,
  ties,
  losses,
  large = false,
}: {
  wins: number;
  ties: number;
  losses: number;
  large?: boolean;
}) {
  const total = wins + ties + losses;
  const text = `${formatCount(wins)} won, ${formatCount(ties)} tied, ${formatCount(losses)} lost`;
  const parts = [
    { name: 'Won', count: wins, kind: 'win' },
    { name: 'Tied', count: ties, kind: 'tie' },
    { name: 'Lost', count: losses, kind: 'loss' },
  ];
  return (
    <div className={styles.box} data-large={large || undefined}>
      <div className={styles.bar} title={text}>
        {!large && <span className="visually-hidden">{text}</span>}
        {parts.map(({ kind, count }) =>
          count === 0 ? null : (
            <span
              key={kind}
              data-kind={kind}
              style={{ flexGrow: count, flexShrink: 1, flexBasis: 0 }}
            />
          ),
        )}
      </div>
      {large ? (
        <dl className={`numeric ${styles.legend}`}>
          {parts.map(({ name, count, kind }) => (
            <div key={kind}>
              <dt>
                <span className={styles.key} data-kind={kind} aria-hidden />
                {name}
              </dt>
              <dd>
                {formatCount(count)} <span>{formatShare(count, total)}</span>
              </dd>
            </div>
          ))}
        </dl>
      ) : (
        <span className={`numeric ${styles.small}`} aria-hidden>
          {formatCount(wins)} / {formatCount(ties)} / {formatCount(losses)}
        </span>
      )}
    </div>
  );
}
