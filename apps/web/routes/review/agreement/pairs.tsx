import type { ReviewAgreement } from '#libs/contracts';
import { formatCoefficient, formatFraction } from '../../../components/estimate.ts';
import { PlainTable } from '../../../components/plain-table.tsx';
import { formatCount } from '../../../format/numbers.ts';

/** People two by two: who differs from whom. */
export function Pairs(props: { pairs: ReviewAgreement['pairs']; isWeighted: boolean }) {
  return (
    <div>
      <h3>Two by two</h3>
      <PlainTable
        label="Agreement of people two by two"
        columns={[
          {
            id: 'pair',
            header: 'People',
            names: true,
            cell: ({ first, second }) => `${first.name} and ${second.name}`,
          },
          { id: 'n', header: 'Items', numeric: true, cell: ({ n }) => formatCount(n) },
          {
            id: 'agreement',
            header: 'Same value',
            numeric: true,
            cell: ({ agreement }) => formatFraction(agreement),
          },
          {
            id: 'kappa',
            header: props.isWeighted ? 'Weighted kappa' : 'Kappa',
            numeric: true,
            cell: ({ kappa }) => formatCoefficient(kappa),
          },
        ]}
        rows={props.pairs}
        rowId={({ first, second }) => `${first.keyId} ${second.keyId}`}
      />
    </div>
  );
}
