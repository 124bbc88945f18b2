import { MultiSelect, NativeSelect, TagsInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { DatasetItem, Json } from '#libs/contracts';
import { DatasetSelect } from '../../components/dataset-select.tsx';
import { formatCount } from '../../format/numbers.ts';
import {
  datasetChoicesQuery,
  versionChoicesQuery,
  versionPartsQuery,
} from '../../queries/dataset-choices.ts';
import type { Draft } from './draft.ts';
import { useNewRun } from './new-run-context.ts';
import { Suggestions } from './suggestions.tsx';
import styles from './new-run.module.css';

/** Which items the run is for: a dataset, its version, and a part of it. */
export function DatasetFields() {
  const { draft, update, dataset, items, faultAt, total } = useNewRun();
  const chosen = draft.dataset;
  const set = (change: Partial<Draft['dataset']>): void =>
    update((before) => ({ ...before, dataset: { ...before.dataset, ...change } }));
  const any = useQuery(datasetChoicesQuery(''));
  if (any.data?.length === 0 && chosen.id === '') return <NoDataset />;
  return (
    <div className={styles.fields}>
      <div className={styles.pair}>
        <DatasetSelect
          label="Dataset"
          required
          error={faultAt('datasetId')}
          value={chosen.id}
          onChange={(id) =>
            update((before) => ({
              ...before,
              // A part of one dataset means nothing in another.
              dataset: { id, splits: [], tags: [], keys: [] },
            }))
          }
        />
        {dataset && dataset.latestVersion !== null && (
          <VersionSelect
            datasetId={dataset.id}
            latest={dataset.latestVersion}
            version={chosen.version}
            fault={faultAt('datasetVersion')}
            onChoose={(version) => set({ version })}
          />
        )}
      </div>
      {dataset && dataset.latestVersion !== null && (
        <>
          <Part
            datasetId={dataset.id}
            version={chosen.version ?? dataset.latestVersion}
            chosen={chosen}
            fault={faultAt('filter')}
            onChange={set}
          />
          <p className={styles.count} aria-live="polite">
            {total === undefined ? (
              ' '
            ) : (
              <>
                <strong className="numeric">{formatCount(total)}</strong>{' '}
                {total === 1 ? 'item' : 'items'} in this run
              </>
            )}
          </p>
          {items && <FirstItems items={items} />}
          <Suggestions datasetId={dataset.id} />
        </>
      )}
    </div>
  );
}

/** What an empty project is told instead of being asked to choose. */
function NoDataset() {
  return (
    <div className={styles.teach}>
      <p>
        <strong>There is no dataset yet.</strong> A dataset is a list of items: an input, and the
        output that is expected, if there is one. <Link to="/datasets">Make one first.</Link>
      </p>
    </div>
  );
}

function VersionSelect(props: {
  datasetId: string;
  latest: number;
  version: number | undefined;
  fault: string | undefined;
  onChoose: (version: number | undefined) => void;
}) {
  const { datasetId, latest, version, fault, onChoose } = props;
  const { data = [] } = useQuery(versionChoicesQuery(datasetId));
  const older =
    version !== undefined && !data.some((one) => one.version === version) ? [version] : [];
  return (
    <NativeSelect
      size="xs"
      label="Version"
      error={fault}
      value={version === undefined ? '' : String(version)}
      data={[
        { value: '', label: `latest (${latest})` },
        ...data.map(({ version, itemCount }) => ({
          value: String(version),
          label: `${version}: ${formatCount(itemCount)} items`,
        })),
        ...older.map((version) => ({ value: String(version), label: String(version) })),
      ]}
      onChange={({ currentTarget: { value } }) =>
        onChoose(value === '' ? undefined : Number(value))
      }
    />
  );
}

/** A run may name ten thousand keys, as one does that was made of the failures of another. */
const mostKeysShown = 100;

function Part(props: {
  datasetId: string;
  version: number;
  chosen: Draft['dataset'];
  fault: string | undefined;
  onChange: (change: Partial<Draft['dataset']>) => void;
}) {
  const { datasetId, version, chosen, fault, onChange } = props;
  const { data } = useQuery(versionPartsQuery(datasetId, version));
  const splits = withChosen(data?.splits ?? [], chosen.splits);
  const tags = withChosen(data?.tags ?? [], chosen.tags);
  return (
    <fieldset className={styles.part}>
      <legend>Which items</legend>
      <div className={styles.three}>
        <MultiSelect
          size="xs"
          label="Splits"
          comboboxProps={{ withinPortal: false }}
          placeholder={chosen.splits.length === 0 ? 'all' : ''}
          disabled={splits.length === 0}
          searchable
          data={splits}
          value={chosen.splits}
          onChange={(splits) => onChange({ splits })}
        />
        <MultiSelect
          size="xs"
          label="Tags"
          comboboxProps={{ withinPortal: false }}
          placeholder={chosen.tags.length === 0 ? 'all' : ''}
          disabled={tags.length === 0}
          searchable
          data={tags}
          value={chosen.tags}
          onChange={(tags) => onChange({ tags })}
        />
        {chosen.keys.length > mostKeysShown ? (
          <div className={styles.keys}>
            <span>Keys</span>
            <p>
              {formatCount(chosen.keys.length)} keys{' '}
              <button type="button" className={styles.link} onClick={() => onChange({ keys: [] })}>
                Take them away
              </button>
            </p>
          </div>
        ) : (
          <TagsInput
            size="xs"
            label="Keys"
            placeholder={chosen.keys.length === 0 ? 'all' : ''}
            splitChars={['\n']}
            value={chosen.keys}
            onChange={(keys) => onChange({ keys })}
          />
        )}
      </div>
      {fault !== undefined && <p className={styles.fault}>{fault}</p>}
    </fieldset>
  );
}

/** What is chosen can be seen and taken away, also where the version has none of it. */
const withChosen = (
  known: readonly { value: string; items: number }[],
  chosen: readonly string[],
) => [
  ...known.map(({ value, items }) => ({ value, label: `${value} (${formatCount(items)})` })),
  ...chosen
    .filter((value) => !known.some((one) => one.value === value))
    .map((value) => ({ value, label: value })),
];

const shownItems = 3;

function FirstItems({ items }: { items: readonly DatasetItem[] }) {
  return (
    <details className={styles.more}>
      <summary>What its items look like</summary>
      <ul className={styles.items}>
        {items.slice(0, shownItems).map(({ key, input, expected }) => (
          <li key={key}>
            <code className={styles.key}>{key}</code>
            <dl>
              <dt>input</dt>
              <dd>{clipped(input)}</dd>
              <dt>expected</dt>
              <dd>{expected === null ? <em>none</em> : clipped(expected)}</dd>
            </dl>
          </li>
        ))}
      </ul>
    </details>
  );
}

function clipped(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
