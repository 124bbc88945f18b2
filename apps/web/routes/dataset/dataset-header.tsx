import { NativeSelect } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { Dataset } from '#libs/contracts';
import { RelativeTime } from '../../components/relative-time.tsx';
import { TagList } from '../../components/tag-list.tsx';
import { formatCount } from '../../format/numbers.ts';
import { versionsQuery } from '../../queries/datasets.ts';
import { useMay } from '../../queries/session.ts';
import { EditMenu } from './edit-menu.tsx';
import styles from './dataset.module.css';

const route = getRouteApi('/app/datasets/$datasetId');

/** What the dataset is, and which of its versions is looked at. */
export function DatasetHeader({ dataset, version }: { dataset: Dataset; version: number | null }) {
  const mayEdit = useMay('editor');
  const { latestVersion, itemCount, changedAt, deletedAt } = dataset;
  return (
    <section className={styles.header} aria-label="Dataset">
      <div className={styles.title}>
        <h1>{dataset.name}</h1>
        {version !== null && latestVersion !== null && (
          <VersionChoice dataset={dataset} version={version} latest={latestVersion} />
        )}
        <span className={styles.about}>
          {latestVersion === null ? (
            'no version yet'
          ) : (
            <>
              {formatCount(itemCount)} {itemCount === 1 ? 'item' : 'items'} in the latest version,
              made <RelativeTime at={changedAt} />
            </>
          )}
        </span>
        {mayEdit && deletedAt === null && (
          <div className={styles.actions}>
            <EditMenu dataset={dataset} />
          </div>
        )}
      </div>
      {dataset.description !== null && <p className={styles.description}>{dataset.description}</p>}
      <TagList tags={dataset.tags} />
    </section>
  );
}

function VersionChoice(props: { dataset: Dataset; version: number; latest: number }) {
  const { dataset, version, latest } = props;
  const navigate = route.useNavigate();
  const { data } = useInfiniteQuery(versionsQuery(dataset.id));
  const known = data?.pages.flatMap(({ items }) => items.map(({ version }) => version)) ?? [];
  const all = [...new Set([latest, ...known, version])].sort((a, b) => b - a);
  return (
    <NativeSelect
      size="xs"
      aria-label="Version"
      value={String(version)}
      data={all.map((one) => ({
        value: String(one),
        label: `Version ${one}${one === latest ? ', latest' : ''}`,
      }))}
      onChange={({ currentTarget: { value } }) =>
        void navigate({
          search: (before) => ({
            ...before,
            version: Number(value) === latest ? undefined : Number(value),
            item: undefined,
            added: undefined,
          }),
          resetScroll: false,
        })
      }
    />
  );
}
