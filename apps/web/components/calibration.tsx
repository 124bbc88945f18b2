import type { ReactNode } from 'react';
import type { Calibration } from '#libs/contracts';
import { formatCount, formatScore } from '../format/numbers.ts';
import { ConfusionTable } from './confusion-table.tsx';
import { formatCoefficient, formatFraction, intervalInWords, type Estimate } from './estimate.ts';
import styles from './calibration.module.css';

/** How far a judge agrees with people: one sentence, then the numbers behind it. */
export function CalibrationView({ calibration }: { calibration: Calibration }) {
  const { comparedAs, categories, confusion, precision, recall, positionBias } = calibration;
  return (
    <div className={styles.calibration}>
      <p className={styles.summary}>{calibration.summary}</p>
      <dl className={`numeric ${styles.facts}`}>
        {comparedAs !== 'graded' && (
          <>
            <Fact
              name="Agreement"
              about="Share of items with the same verdict"
              estimate={calibration.agreement}
              format={formatFraction}
            />
            <Fact
              name="Cohen’s kappa"
              about="Agreement beyond chance: 1 is full, 0 is chance"
              estimate={calibration.kappa}
              format={formatCoefficient}
            />
          </>
        )}
        {calibration.weightedKappa.value !== null && (
          <Fact
            name="Weighted kappa"
            about="Neighbours agree in part"
            estimate={calibration.weightedKappa}
            format={formatCoefficient}
          />
        )}
        {calibration.correlation.value !== null && (
          <Fact
            name="Spearman’s correlation"
            about="Whether both order the items alike"
            estimate={calibration.correlation}
            format={formatCoefficient}
          />
        )}
        {calibration.meanDifference.value !== null && (
          <Fact
            name="Judge − people"
            about="Mean difference: above 0, the judge is kinder"
            estimate={calibration.meanDifference}
            format={formatScore}
          />
        )}
        {precision !== null && (
          <Number name="Precision" about="Of what the judge calls true, people do too">
            {formatFraction(precision)}
          </Number>
        )}
        {recall !== null && (
          <Number name="Recall" about="Of what people call true, the judge does too">
            {formatFraction(recall)}
          </Number>
        )}
        {positionBias && (
          <Number name="Same in both orders" about={`Of ${positionBias.n} pairs`}>
            {formatFraction(positionBias.consistent)}
          </Number>
        )}
        <Number name="Items compared" about={leftOut(calibration)}>
          {formatCount(calibration.n)}
        </Number>
      </dl>
      {categories.length > 0 && confusion.length === categories.length && calibration.n > 0 && (
        <ConfusionTable
          confusion={{ labels: categories, matrix: confusion }}
          rows="people"
          columns="judge"
        />
      )}
    </div>
  );
}

function leftOut({ unmatched, withoutScore }: Calibration): string {
  const parts = [
    withoutScore > 0 && `${formatCount(withoutScore)} without a score of the judge`,
    unmatched > 0 && `${formatCount(unmatched)} not in the run`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? 'None is left out' : `Left out: ${parts.join(', ')}`;
}

function Fact(props: {
  name: string;
  about: string;
  estimate: Estimate;
  format: (value: number | null) => string;
}) {
  const { name, about, estimate, format } = props;
  const interval = intervalInWords(estimate, format);
  return (
    <Number name={name} about={about}>
      {format(estimate.value)}
      {interval !== undefined && <span className={styles.interval}> {interval}</span>}
    </Number>
  );
}

function Number({ name, about, children }: { name: string; about: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={styles.value}>{children}</dd>
      <dd className={styles.about}>{about}</dd>
    </div>
  );
}
