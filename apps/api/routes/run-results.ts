import { getRunSlices } from '#libs/comparisons';
import { runResultOperations } from '#libs/contracts';
import type { Database } from '#libs/database';
import type { Runs } from '#libs/runs';
import { download } from '../http/download.ts';
import { route, type Route } from '../http/route.ts';

export function runResultRoutes({ database, runs }: { database: Database; runs: Runs }): Route[] {
  const { exportRunItems } = runResultOperations;
  return [
    route(runResultOperations.getRunDistribution, ({ project, params, query }) =>
      runs.distribution(project.id, params.id, query.metric),
    ),
    route(runResultOperations.getRunSlices, ({ project, params, query }) =>
      getRunSlices(database, project.id, params.id, query),
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
