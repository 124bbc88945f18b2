import { Info } from 'lucide-react';
import type { ComparisonResult, VerdictOutcome } from '#libs/contracts';
import { letterOfRun, useCompared, useSetSearch } from './compared.ts';
import { VerdictOutcomeLabel, outcomeNames } from '../../components/verdict-outcome.tsx';
import { byOutcome, familyInWords, summaryOf } from './summary.ts';
import styles from './verdict.module.css';

/** What came out, in words: of each candidate on the whole, then of the metric that is looked at. */
export function Verdict() {
  const { comparison, result, candidate, metric } = useCompared();
  const { runs, options } = comparison;
  const family = familyInWords(result, options.confidence);
  const nameOf = (runId: string): string => {
    const run = runs.find(({ id }) => id === runId);
    return `${letterOfRun(comparison, runId)}, “${run?.name ?? ''}”,`;
  };
  const isMany = result.candidates.length > 1;
  return (
    <section className={styles.verdict} aria-labelledby="verdict">
      <h2 id="verdict">Verdict</h2>
      {isMany ? (
        <VerdictTable />
      ) : (
        <p className={styles.summary}>{summaryOf(candidate, nameOf(candidate.runId))}</p>
      )}
      {isMany && <p className={styles.summary}>{summaryOf(candidate, nameOf(candidate.runId))}</p>}
      <p className={styles.sentence}>
        <VerdictOutcomeLabel outcome={metric.verdict.outcome} />{' '}
        <span>{withoutOpening(metric.verdict.sentence)}</span>
      </p>
      {family !== undefined && <p className={styles.family}>{family}</p>}
      {result.notes.length > 0 && (
        <ul className={styles.notes} aria-label="What a reader must know">
          {result.notes.map((note) => (
            <li key={note}>
              <Info size={14} aria-hidden />
              {note}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** The sentence begins with its outcome, which stands before it already. */
function withoutOpening(sentence: string): string {
  const rest = Object.values(outcomeNames).reduce(
    (text, name) => (text.startsWith(`${name}: `) ? text.slice(name.length + 2) : text),
    sentence,
  );
  return rest;
}

const order: VerdictOutcome[] = ['better', 'worse', 'different', 'equivalent', 'inconclusive'];

/** How many metrics of each candidate came out how; a press on one looks at it. */
function VerdictTable() {
  const { comparison, result, candidate } = useCompared();
  const set = useSetSearch();
  const shown = order.filter((outcome) =>
    result.candidates.some(({ metrics }) => scored(metrics)[outcome].length > 0),
  );
  return (
    <div className={styles.scroll}>
      <table
        className={`numeric ${styles.table}`}
        aria-label="Metrics of each candidate by outcome"
      >
        <thead>
          <tr>
            <th scope="col">Candidate</th>
            {shown.map((outcome) => (
              <th scope="col" key={outcome}>
                <VerdictOutcomeLabel outcome={outcome} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {result.candidates.map(({ runId, metrics }) => {
            const counts = scored(metrics);
            return (
              <tr key={runId} data-chosen={runId === candidate.runId || undefined}>
                <th scope="row">
                  <button
                    type="button"
                    className={styles.pick}
                    aria-pressed={runId === candidate.runId}
                    onClick={() => set({ candidate: runId, item: undefined, repeat: undefined })}
                  >
                    <strong>{letterOfRun(comparison, runId)}</strong>{' '}
                    {comparison.runs.find(({ id }) => id === runId)?.name}
                  </button>
                </th>
                {shown.map((outcome) => (
                  <td key={outcome} title={counts[outcome].map(({ metric }) => metric).join(', ')}>
                    {counts[outcome].length === 0 ? '–' : counts[outcome].length}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

const scored = (metrics: ComparisonResult['candidates'][number]['metrics']) =>
  byOutcome(metrics.filter(({ source }) => source === 'metric'));
