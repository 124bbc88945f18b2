import { calibrationOperations } from '#libs/contracts';
import type { Runs } from '#libs/runs';
import { route, type Route } from '../http/route.ts';

export function calibrationRoutes({ runs }: { runs: Runs }): Route[] {
  return [
    route(calibrationOperations.calibrateRun, ({ project, params, body }) =>
      runs.calibrate(project.id, params.id, body),
    ),
  ];
}
