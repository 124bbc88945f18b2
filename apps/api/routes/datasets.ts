import type { Config } from '#libs/config';
import { datasetOperations, type OperationInput } from '#libs/contracts';
import type { Database } from '#libs/database';
import {
  compareDatasetVersions,
  createDataset,
  deleteDataset,
  editDataset,
  exportItems,
  FileLook,
  findVersion,
  getDataset,
  getOpenDataset,
  importDatasetVersion,
  listDatasetItems,
  listDatasets,
  listDatasetVersions,
  previewDatasetVersion,
  readItems,
  restoreDataset,
  summarizeVersion,
  trackImport,
  updateDataset,
} from '#libs/datasets';
import type { Sandbox } from '#libs/evaluation';
import { pickItems } from '#libs/runs';
import { noteFor } from '../http/actor.ts';
import { download } from '../http/download.ts';
import { HttpProblem } from '../http/problem.ts';
import { route, type Route } from '../http/route.ts';
import { Slots } from '../http/slots.ts';
import { invalidRequest } from '../http/json-body.ts';
import { explainFailure, type Uploads } from '../http/upload.ts';

const EDIT_WAIT_MS = 60_000;

const tooManyEdits = (): HttpProblem =>
  new HttpProblem(
    503,
    'too_many_edits',
    'Too many datasets are being edited; try again in a few seconds.',
    { headers: { 'Retry-After': '10' } },
  );

export function datasetRoutes(deps: {
  database: Database;
  sandbox: Sandbox;
  uploads: Uploads;
  config: Pick<Config, 'databasePoolMax'>;
}): Route[] {
  const { database, uploads } = deps;
  // An edit copies a version, and waits for those before it, on a connection of its own.
  const edits = new Slots(Math.max(1, Math.floor(deps.config.databasePoolMax / 4)));
  const {
    createDatasetVersion,
    exportDatasetVersion,
    previewDatasetVersion: previewUpload,
  } = datasetOperations;
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
    route(datasetOperations.deleteDataset, async (call) => {
      await deleteDataset(database, call.project.id, call.params.id, noteFor(call));
      return undefined;
    }),
    route(datasetOperations.restoreDataset, (call) =>
      restoreDataset(database, call.project.id, call.params.id, noteFor(call)),
    ),
    route(datasetOperations.editDataset, async ({ project, principal, params, body, response }) => {
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      if (!(await edits.take(EDIT_WAIT_MS, gone.signal))) throw tooManyEdits();
      try {
        return await editDataset(
          { ...deps, pickItems },
          project.id,
          params.id,
          body,
          principal.keyName,
        );
      } finally {
        edits.give();
      }
    }),

    route(createDatasetVersion, async (call) => {
      const { project, principal, params, query, request, response } = call;
      const upload = {
        projectId: project.id,
        datasetId: params.id,
        createdBy: principal.keyName,
        mode: query.mode,
      };
      // Before the body: who uploads to nowhere should not have to send it all.
      await getOpenDataset(database, project.id, params.id);
      const explain = (error: unknown) => explainFailure(request, error);
      const watched = { id: query.importId, projectId: project.id, explain };
      return trackImport(database, watched, (meter) =>
        uploads.receive(
          request,
          response,
          createDatasetVersion.streams,
          ({ mediaType, bytes, signal }) => {
            const rows = readItems(meter.bytes(bytes), {
              mediaType,
              ...formatOf(mediaType, query),
            });
            return importDatasetVersion(deps, { ...upload, rows: meter.rows(rows), signal });
          },
        ),
      );
    }),
    route(previewUpload, async ({ project, params, query, request, response }) => {
      const upload = { projectId: project.id, datasetId: params.id };
      await getOpenDataset(database, project.id, params.id);
      const explain = (error: unknown) => explainFailure(request, error);
      const watched = { id: query.importId, projectId: project.id, explain };
      return trackImport(database, watched, (meter) =>
        uploads.receive(
          request,
          response,
          previewUpload.streams,
          ({ mediaType, bytes, signal }) => {
            const look = new FileLook();
            const format = { mediaType, ...formatOf(mediaType, query), look };
            const rows = meter.rows(readItems(meter.bytes(bytes), format));
            return previewDatasetVersion(deps, {
              ...upload,
              rows,
              look,
              lines: query.lines,
              signal,
            });
          },
        ),
      );
    }),
    route(datasetOperations.listDatasetVersions, ({ project, params, query }) =>
      listDatasetVersions(database, project.id, params.id, query),
    ),
    route(datasetOperations.listDatasetItems, ({ project, params, query }) =>
      listDatasetItems(database, project.id, params.id, params.version, query),
    ),
    route(datasetOperations.getVersionSummary, ({ project, params }) =>
      summarizeVersion(database, project.id, params.id, params.version),
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

/** @throws {HttpProblem} where the query speaks of another format */
function formatOf(
  mediaType: (typeof datasetOperations.createDatasetVersion.streams)[number],
  query: Omit<OperationInput<typeof datasetOperations.createDatasetVersion>['query'], 'mode'>,
) {
  const { mapping, delimiter, sheet } = query;
  const problems: { field: string; message: string }[] = [];
  if (delimiter !== undefined && mediaType !== 'text/csv') {
    problems.push({ field: 'delimiter', message: 'is for text/csv only' });
  }
  if (sheet !== undefined && !mediaType.endsWith('spreadsheetml.sheet')) {
    problems.push({ field: 'sheet', message: 'is for XLSX workbooks only' });
  }
  if (problems.length > 0) throw invalidRequest(problems);
  return { mapping, delimiter: delimiter === 'tab' ? ('\t' as const) : delimiter, sheet };
}
