import { datasetOperations } from '#libs/contracts';
import type { Database } from '#libs/database';
import {
  compareDatasetVersions,
  createDataset,
  deleteDataset,
  editDataset,
  exportItems,
  findVersion,
  getDataset,
  getOpenDataset,
  importDatasetVersion,
  listDatasetItems,
  listDatasets,
  listDatasetVersions,
  readCsv,
  readJsonArray,
  readNdjson,
  restoreDataset,
  updateDataset,
  type UploadRows,
} from '#libs/datasets';
import type { Sandbox } from '#libs/evaluation';
import { download } from '../http/download.ts';
import { route, type Route } from '../http/route.ts';
import type { Uploads } from '../http/upload.ts';

const readers: Record<string, (bytes: AsyncIterable<Uint8Array>) => UploadRows> = {
  'application/json': readJsonArray,
  'text/csv': readCsv,
};

export function datasetRoutes(deps: {
  database: Database;
  sandbox: Sandbox;
  uploads: Uploads;
}): Route[] {
  const { database, uploads } = deps;
  const { createDatasetVersion, exportDatasetVersion } = datasetOperations;
  return [
    route(datasetOperations.createDataset, ({ project, body }) =>
      createDataset(deps, project.id, body),
    ),
    route(datasetOperations.listDatasets, ({ project, query }) =>
      listDatasets(database, project.id, query),
    ),
    route(datasetOperations.getDataset, ({ project, params }) =>
      getDataset(database, project.id, params.id),
    ),
    route(datasetOperations.updateDataset, ({ project, params, body }) =>
      updateDataset(deps, project.id, params.id, body),
    ),
    route(datasetOperations.deleteDataset, async ({ project, params }) => {
      await deleteDataset(database, project.id, params.id);
      return undefined;
    }),
    route(datasetOperations.restoreDataset, ({ project, params }) =>
      restoreDataset(database, project.id, params.id),
    ),
    route(datasetOperations.editDataset, ({ project, params, body }) =>
      editDataset(deps, project.id, params.id, body),
    ),

    route(createDatasetVersion, async ({ project, params, request, response }) => {
      const upload = { projectId: project.id, datasetId: params.id };
      // Before the body: who uploads to nowhere should not have to send it all.
      await getOpenDataset(database, project.id, params.id);
      return uploads.receive(
        request,
        response,
        createDatasetVersion.streams,
        ({ mediaType, bytes, signal }) => {
          const read = readers[mediaType] ?? readNdjson;
          return importDatasetVersion(database, { ...upload, rows: read(bytes), signal });
        },
      );
    }),
    route(datasetOperations.listDatasetVersions, ({ project, params, query }) =>
      listDatasetVersions(database, project.id, params.id, query),
    ),
    route(datasetOperations.listDatasetItems, ({ project, params, query }) =>
      listDatasetItems(database, project.id, params.id, params.version, query),
    ),
    route(exportDatasetVersion, async ({ project, params, query, request, response }) => {
      const { id, dataset } = await findVersion(database, project.id, params.id, params.version);
      const [ndjson, csv] = exportDatasetVersion.downloads;
      await download(request, response, {
        chunks: exportItems(database, id, query.format),
        mediaType: query.format === 'csv' ? csv : ndjson,
        fileName: { stem: dataset.name, ending: `-v${params.version}.${query.format}` },
      });
      return undefined;
    }),
    route(datasetOperations.compareDatasetVersions, ({ project, params, query }) =>
      compareDatasetVersions(database, project.id, params.id, params.version, query),
    ),
  ];
}
