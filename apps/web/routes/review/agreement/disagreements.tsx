import { Link } from '@tanstack/react-router';
import { reviewLimits, type ReviewAgreement } from '#libs/contracts';
import { valueInWords } from '../../../components/human-values.ts';
import { PlainTable, type PlainColumn } from '../../../components/plain-table.tsx';
import styles from './agreement.module.css';

/** Items on which people differ, the furthest apart first: where the guidelines may be unclear. */
export function Disagreements(props: { disagreements: ReviewAgreement['disagreements'] }) {
  const { disagreements } = props;
  return (
    <div>
      <h3>Where people differ</h3>
      <p className={styles.soft}>
        The furthest apart first
        {disagreements.length >= reviewLimits.disagreements &&
          `; the first ${reviewLimits.disagreements}`}
        . Often it is the guidelines that are not clear.
      </p>
      <PlainTable
        label="Items on which people differ"
        columns={columns}
        rows={disagreements}
        rowId={({ place }) => String(place)}
      />
    </div>
  );
}

const columns: PlainColumn<ReviewAgreement['disagreements'][number]>[] = [
  {
    id: 'item',
    header: 'Item',
    names: true,
    cell: ({ runId, no, key, repeat }) => (
      <ItemLink runId={runId} no={no} itemKey={key} repeat={repeat} />
    ),
  },
  {
    id: 'values',
    header: 'Values',
    cell: ({ values }) => (
      <ul className={styles.values}>
        {values.map(({ by, value }) => (
          <li key={by.keyId}>
            <span className={styles.soft}>{by.name}</span> <strong>{valueInWords(value)}</strong>
          </li>
        ))}
      </ul>
    ),
  },
];

/** The way to an item in its run. */
export function ItemLink(props: { runId: string; no: number; itemKey: string; repeat: number }) {
  const { runId, no, itemKey, repeat } = props;
  return (
    <>
      <Link to="/runs/$runId" params={{ runId }} search={{ search: itemKey, item: no }}>
        {itemKey}
      </Link>
      {repeat > 0 && <span className={styles.soft}> repeat {repeat}</span>}
    </>
  );
}
