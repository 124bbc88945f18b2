import { recordingOperations } from '#libs/contracts';
import type { Database } from '#libs/database';
import {
  getRecording,
  importRecording,
  listRecordings,
  readNdjson,
  trackImport,
} from '#libs/datasets';
import { route, type Route } from '../http/route.ts';
import { explainFailure, type Uploads } from '../http/upload.ts';

export function recordingRoutes(deps: { database: Database; uploads: Uploads }): Route[] {
  const { database, uploads } = deps;
  const { createRecording } = recordingOperations;
  return [
    route(createRecording, ({ project, query, request, response }) => {
      const explain = (error: unknown) => explainFailure(request, error);
      const watched = { id: query.importId, projectId: project.id, explain };
      return trackImport(database, watched, (meter) =>
        uploads.receive(request, response, createRecording.streams, ({ bytes, signal }) =>
          importRecording(database, {
            projectId: project.id,
            name: query.name,
            rows: meter.rows(readNdjson(meter.bytes(bytes))),
            signal,
          }),
        ),
      );
    }),
    route(recordingOperations.listRecordings, ({ project, query }) =>
      listRecordings(database, project.id, query),
    ),
    route(recordingOperations.getRecording, ({ project, params }) =>
      getRecording(database, project.id, params.id),
    ),
  ];
}
