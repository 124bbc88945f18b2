import { roleAllows, type Principal } from '#libs/access';
import { annotationOperations } from '#libs/contracts';
import type { Database } from '#libs/database';
import {
  createHumanMetric,
  createNote,
  deleteNote,
  deleteScore,
  getAnnotations,
  listHumanMetrics,
  setScore,
  updateHumanMetric,
  updateNote,
} from '#libs/reviews';
import { route, type Route } from '../http/route.ts';

export function annotationRoutes({ database }: { database: Database }): Route[] {
  return [
    route(annotationOperations.listHumanMetrics, ({ project, query }) =>
      listHumanMetrics(database, project.id, query),
    ),
    route(annotationOperations.createHumanMetric, ({ project, body }) =>
      createHumanMetric(database, project.id, body),
    ),
    route(annotationOperations.updateHumanMetric, ({ project, params, body }) =>
      updateHumanMetric(database, project.id, params.id, body),
    ),
    route(annotationOperations.getItemAnnotations, ({ project, params, principal }) =>
      getAnnotations(database, project.id, itemOf(params), principal.keyId),
    ),
    route(annotationOperations.setHumanScore, ({ project, params, principal, body }) =>
      setScore(database, project.id, itemOf(params), principal.keyId, body),
    ),
    route(annotationOperations.deleteHumanScore, async ({ project, params, principal }) => {
      const { humanMetricId } = params;
      await deleteScore(database, project.id, itemOf(params), principal.keyId, humanMetricId);
      return undefined;
    }),
    route(annotationOperations.createItemNote, ({ project, params, principal, body }) =>
      createNote(database, project.id, itemOf(params), principal.keyId, body.text),
    ),
    route(annotationOperations.updateItemNote, ({ project, params, principal, body }) =>
      updateNote(database, project.id, params.id, principal.keyId, body.text),
    ),
    route(annotationOperations.deleteItemNote, async ({ project, params, principal }) => {
      await deleteNote(database, project.id, params.id, onlyOwn(principal));
      return undefined;
    }),
  ];
}

const itemOf = ({ id, no }: { id: string; no: number }) => ({ runId: id, no });

/** Whose notes the caller may delete; undefined: anybody's. */
const onlyOwn = ({ role, keyId }: Principal): string | undefined =>
  roleAllows(role, 'admin') ? undefined : keyId;
