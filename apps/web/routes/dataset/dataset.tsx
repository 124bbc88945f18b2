import { Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { Dataset } from '#libs/contracts';
import { BackLink } from '../../components/back-link.tsx';
import { ButtonLink } from '../../components/button-link.tsx';
import { DeletedHint } from '../../components/deleted-hint.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { datasetQuery } from '../../queries/datasets.ts';
import { useMay } from '../../queries/session.ts';
import { DatasetHeader } from './dataset-header.tsx';
import { DraftBar } from './draft/draft-bar.tsx';
import { DraftProvider } from './draft/use-draft.tsx';
import { Export } from './export.tsx';
import { Items } from './items/items.tsx';
import { DatasetRuns } from './runs.tsx';
import { Schemas } from './schemas.tsx';
import { datasetViews, type DatasetView } from './search.ts';
import { Splits } from './splits.tsx';
import { useDatasetChange } from './use-dataset-change.ts';
import { Versions } from './versions/versions.tsx';
import styles from './dataset.module.css';

const route = getRouteApi('/app/datasets/$datasetId');

export function DatasetPage() {
  const { datasetId } = route.useParams();
  const query = useQuery(datasetQuery(datasetId));
  return (
    <>
      <BackLink to="/datasets">All datasets</BackLink>
      {query.data ? (
        <Shown key={datasetId} dataset={query.data} />
      ) : query.isError ? (
        <>
          <h1 className="visually-hidden">Dataset</h1>
          <ProblemPanel
            error={query.error}
            doing="load this dataset"
            onRetry={() => void query.refetch()}
          />
        </>
      ) : (
        <>
          <h1 className="visually-hidden">Dataset</h1>
          <SkeletonRows rows={12} label="Loading the dataset" />
        </>
      )}
    </>
  );
}

const viewNames: Record<DatasetView, string> = {
  items: 'Items',
  versions: 'Versions',
  schema: 'Schema',
  splits: 'Splits and tags',
  runs: 'Runs',
  export: 'Export',
};

function Shown({ dataset }: { dataset: Dataset }) {
  const { view = 'items', version: asked } = route.useSearch();
  const navigate = route.useNavigate();
  const mayEdit = useMay('editor') && dataset.deletedAt === null;
  const { restore } = useDatasetChange(dataset.id);
  useEffect(() => {
    document.title = `${dataset.name} · LLM-Eval`;
  }, [dataset.name]);
  const version = dataset.latestVersion === null ? null : (asked ?? dataset.latestVersion);
  return (
    <DraftProvider dataset={dataset} mayEdit={mayEdit}>
      <div className={styles.page}>
        <DatasetHeader dataset={dataset} version={version} />
        {dataset.deletedAt !== null && (
          <DeletedHint
            at={dataset.deletedAt}
            noun="dataset"
            means="Only the list of deleted datasets shows it; its versions and runs stay readable."
            restore={restore}
          />
        )}
        <Tabs
          value={view}
          keepMounted={false}
          className={styles.tabs}
          onChange={(value) =>
            void navigate({
              search: (before) => ({
                version: before.version,
                view: datasetViews.filter((one) => one !== 'items').find((one) => one === value),
              }),
              replace: true,
              resetScroll: false,
            })
          }
        >
          <Tabs.List aria-label="Parts of the dataset">
            {datasetViews.map((one) => (
              <Tabs.Tab key={one} value={one}>
                {viewNames[one]}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Tabs.Panel value="items" tabIndex={-1}>
            {version !== dataset.latestVersion && <OldVersion dataset={dataset} />}
            <Items dataset={dataset} version={version} />
          </Tabs.Panel>
          <Tabs.Panel value="versions" tabIndex={-1}>
            <Versions dataset={dataset} />
          </Tabs.Panel>
          <Tabs.Panel value="schema">
            <Schemas dataset={dataset} mayEdit={mayEdit} />
          </Tabs.Panel>
          <Tabs.Panel value="splits">
            <Splits dataset={dataset} version={version} />
          </Tabs.Panel>
          <Tabs.Panel value="runs" tabIndex={-1}>
            <DatasetRuns dataset={dataset} />
          </Tabs.Panel>
          <Tabs.Panel value="export">
            <Export dataset={dataset} version={version} />
          </Tabs.Panel>
        </Tabs>
        <DraftBar dataset={dataset} />
      </div>
    </DraftProvider>
  );
}

/** A version never changes: what is edited is the latest. */
function OldVersion({ dataset }: { dataset: Dataset }) {
  return (
    <p className={styles.old}>
      An earlier version, which stays as it is; edits start from the latest.{' '}
      <ButtonLink
        to="/datasets/$datasetId"
        params={{ datasetId: dataset.id }}
        search={{}}
        variant="default"
        size="compact-xs"
      >
        Go to version {dataset.latestVersion}
      </ButtonLink>
    </p>
  );
}
