import { getRunSlices } from '#libs/comparisons';
import { runResultOperations } from '#libs/contracts';
import type { Database } from '#libs/database';
import type { ModelsOf } from '#libs/evaluation';
import { judgePromptsOf, type Runs } from '#libs/runs';
import { download } from '../http/download.ts';
import { route, type Route } from '../http/route.ts';

export function runResultRoutes({
  database,
  runs,
  models,
}: {
  database: Database;
  runs: Runs;
  models: ModelsOf;
}): Route[] {
  const { exportRunItems } = runResultOperations;
  return [
    route(runResultOperations.getRunDistribution, ({ project, params, query }) =>
      runs.distribution(project.id, params.id, query.metric),
    ),
    route(runResultOperations.getRunSlices, ({ project, params, query }) =>
      getRunSlices(database, project.id, params.id, query),
    ),
    route(runResultOperations.getJudgePrompts, ({ project, params, query }) =>
      judgePromptsOf({ database, models }, project.id, params.id, { no: params.no, ...query }),
    ),
    route(exportRunItems, async ({ project, params, query, request, response }) => {
      const run = await runs.get(project.id, params.id);
      const [ndjson, csv] = exportRunItems.downloads;
      await download(request, response, {
        chunks: runs.exportItems(project.id, run, query),
        mediaType: query.format === 'csv' ? csv : ndjson,
        fileName: { stem: run.name, ending: `-items.${query.format}` },
      });
      return undefined;
    }),
  ];
}
