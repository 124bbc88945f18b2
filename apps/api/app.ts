import { operations } from '#libs/contracts';
import express, { type Express } from 'express';
import { BOARD_PATH, bullBoardRouter } from './admin/bull-board.ts';
import { registerScalingMetrics } from './admin/scaling-metrics.ts';
import type { ApiDeps } from './deps.ts';
import { createAuthenticator, type Authenticator } from './http/auth.ts';
import { compress } from './http/compress.ts';
import { notFound, problemHandler } from './http/error-handler.ts';
import { requestId } from './http/request-id.ts';
import { requestLog } from './http/request-log.ts';
import type { Route } from './http/route.ts';
import { securityHeaders } from './http/security.ts';
import { serve } from './http/serve.ts';
import { createUploads } from './http/upload.ts';
import { accessRoutes } from './routes/access.ts';
import { adminRoutes } from './routes/admin.ts';
import { calibrationRoutes } from './routes/calibrations.ts';
import { comparisonRoutes } from './routes/comparisons.ts';
import { datasetRoutes } from './routes/datasets.ts';
import { docsRouter } from './routes/docs.ts';
import { gateRoutes } from './routes/gates.ts';
import { healthRoutes } from './routes/health.ts';
import { importRoutes } from './routes/imports.ts';
import { metricCatalogueRoutes } from './routes/metric-catalogue.ts';
import { leaseRoutes } from './routes/leases.ts';
import { createApiMetrics } from './routes/metrics.ts';
import { previewRoutes } from './routes/previews.ts';
import { promptRoutes } from './routes/prompts.ts';
import { providerRoutes } from './routes/providers.ts';
import { recordingRoutes } from './routes/recordings.ts';
import { annotationRoutes } from './routes/annotations.ts';
import { reviewRoutes } from './routes/reviews.ts';
import { runViewRoutes } from './routes/run-views.ts';
import { runRoutes } from './routes/runs.ts';
import { templateRoutes } from './routes/templates.ts';
import { runResultRoutes } from './routes/run-results.ts';
import { trendRoutes } from './routes/trends.ts';
import { webRouter } from './routes/web.ts';

/** Everything that speaks HTTP: the API, its reference, metrics, Bull Board and the UI. */
export function createApp(
  deps: ApiDeps,
  authenticator: Authenticator = createAuthenticator({
    access: deps.access,
    publicOrigins: deps.config.publicOrigins,
  }),
): Express {
  const { access, config, logger } = deps;
  // An upload keeps a database connection as long as it lasts: half of them stay for everything else.
  const uploads = createUploads({ atOnce: Math.max(1, Math.floor(config.databasePoolMax / 2)) });
  const metrics = createApiMetrics(deps);
  registerScalingMetrics(deps.registry, deps);
  const health = healthRoutes(deps);
  const routes = [
    ...health,
    ...accessRoutes({ access, authenticator }),
    ...datasetRoutes({ ...deps, uploads }),
    ...recordingRoutes({ ...deps, uploads }),
    ...importRoutes(deps),
    ...runRoutes(deps),
    ...runViewRoutes(deps),
    ...leaseRoutes(deps),
    ...previewRoutes(deps),
    ...templateRoutes(deps),
    ...metricCatalogueRoutes(deps),
    ...promptRoutes(deps),
    ...providerRoutes(deps),
    ...calibrationRoutes(deps),
    ...annotationRoutes(deps),
    ...reviewRoutes(deps),
    ...comparisonRoutes(deps),
    ...gateRoutes(deps),
    ...runResultRoutes(deps),
    ...trendRoutes(deps),
    ...adminRoutes(deps),
  ];
  checkComplete(routes);
  const options = { access, authenticator, onAnswered: metrics.observe };

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', config.trustProxy);
  app.use(requestId, requestLog(logger), securityHeaders, compress);
  app.use(docsRouter());
  app.use('/api/v1', serve(routes, options));
  app.use(serve(health, options));
  app.use(metrics.router);
  app.use(BOARD_PATH, bullBoardRouter({ ...deps, authenticator }));
  app.use(webRouter(deps.webRoot));
  app.use(notFound);
  app.use(problemHandler(logger));
  return app;
}

/** An operation of the contract that nobody answers is a mistake to find at the start. */
function checkComplete(routes: readonly Route[]): void {
  const answered = new Set(routes.map(({ operation }) => operation.id));
  const missing = Object.keys(operations).filter((id) => !answered.has(id));
  if (missing.length > 0) throw new Error(`Operations without a route: ${missing.join(', ')}.`);
}
