import { datasetOperations } from '#libs/contracts';
import type { Database } from '#libs/database';
import {
  createDataset,
  getDataset,
  importDatasetVersion,
  listDatasetItems,
  listDatasets,
  listDatasetVersions,
  readCsv,
  readJsonArray,
  readNdjson,
  type UploadRows,
} from '#libs/datasets';
import { route, type Route } from '../http/route.ts';
import type { Uploads } from '../http/upload.ts';

const readers: Record<string, (bytes: AsyncIterable<Uint8Array>) => UploadRows> = {
  'application/json': readJsonArray,
  'text/csv': readCsv,
};

export function datasetRoutes(deps: { database: Database; uploads: Uploads }): Route[] {
  const { database, uploads } = deps;
  const { createDatasetVersion } = datasetOperations;
  return [
    route(datasetOperations.createDataset, ({ project, body }) =>
      createDataset(database, { projectId: project.id, ...body }),
    ),
    route(datasetOperations.listDatasets, ({ project, query }) =>
      listDatasets(database, project.id, query),
    ),
    route(datasetOperations.getDataset, ({ project, params }) =>
      getDataset(database, project.id, params.id),
    ),

    route(createDatasetVersion, async ({ project, params, request, response }) => {
      const upload = { projectId: project.id, datasetId: params.id };
      // Before the body: who uploads to nowhere should not have to send it all.
      await getDataset(database, project.id, params.id);
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
  ];
}
