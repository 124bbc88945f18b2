import { recordingOperations } from '#libs/contracts';
import type { Database } from '#libs/database';
import { getRecording, importRecording, listRecordings, readNdjson } from '#libs/datasets';
import { route, type Route } from '../http/route.ts';
import type { Uploads } from '../http/upload.ts';

export function recordingRoutes(deps: { database: Database; uploads: Uploads }): Route[] {
  const { database, uploads } = deps;
  const { createRecording } = recordingOperations;
  return [
    route(createRecording, ({ project, query, request, response }) =>
      uploads.receive(request, response, createRecording.streams, ({ bytes, signal }) =>
        importRecording(database, {
          projectId: project.id,
          name: query.name,
          rows: readNdjson(bytes),
          signal,
        }),
      ),
    ),
    route(recordingOperations.listRecordings, ({ project, query }) =>
      listRecordings(database, project.id, query),
    ),
    route(recordingOperations.getRecording, ({ project, params }) =>
      getRecording(database, project.id, params.id),
    ),
  ];
}
