import { templateOperations } from '#libs/contracts';
import type { Database } from '#libs/database';
import { getOpenDataset } from '#libs/datasets';
import type { Sandbox } from '#libs/evaluation';
import {
  checkDataset,
  createTemplate,
  createTemplateVersion,
  deleteTemplate,
  getTemplate,
  listTemplates,
  recommendFor,
  restoreTemplate,
} from '#libs/project-templates';
import { applyTemplate, toYaml } from '#libs/templates';
import { download } from '../http/download.ts';
import { route, type Route } from '../http/route.ts';

export function templateRoutes(deps: { database: Database; sandbox: Sandbox }): Route[] {
  const { database } = deps;
  const { exportTemplate } = templateOperations;
  return [
    route(templateOperations.listTemplates, ({ project, query }) =>
      listTemplates(database, project.id, query),
    ),
    route(templateOperations.getTemplate, ({ project, params, query }) =>
      getTemplate(database, project.id, params.id, query.version),
    ),
    route(templateOperations.createTemplate, ({ project, body }) =>
      createTemplate(deps, project.id, body),
    ),
    route(templateOperations.createTemplateVersion, ({ project, params, body }) =>
      createTemplateVersion(deps, project.id, params.id, body),
    ),
    route(templateOperations.deleteTemplate, async ({ project, params }) => {
      await deleteTemplate(database, project.id, params.id);
      return undefined;
    }),
    route(templateOperations.restoreTemplate, ({ project, params }) =>
      restoreTemplate(database, project.id, params.id),
    ),
    route(exportTemplate, async ({ project, params, query, request, response }) => {
      const { name, version, content } = await getTemplate(
        database,
        project.id,
        params.id,
        query.version,
      );
      const whole = async function* () {
        yield toYaml(name, content);
      };
      await download(request, response, {
        chunks: whole(),
        mediaType: exportTemplate.downloads[0],
        fileName: { stem: name, ending: `-v${version}.yaml` },
      });
      return undefined;
    }),
    route(templateOperations.checkTemplateDataset, ({ project, params, body }) =>
      checkDataset(deps, project.id, params.id, body),
    ),
    route(templateOperations.applyTemplate, async ({ project, params, query, body }) => {
      const { content } = await getTemplate(database, project.id, params.id, query.version);
      await getOpenDataset(database, project.id, body.datasetId);
      return { run: JSON.parse(JSON.stringify(applyTemplate(content, body))) };
    }),
    route(templateOperations.recommendTemplates, async ({ project, body }) => ({
      items: await recommendFor(database, project.id, body),
    })),
  ];
}
