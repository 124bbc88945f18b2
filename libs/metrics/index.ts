export { metricCatalogue } from './catalogue.ts';
export { describeMetrics } from './describe.ts';
export {
  checkMetricSpecs,
  MetricSpecError,
  shapeOf,
  worksElsewhere,
  type MetricFault,
} from './check.ts';
export { compileMetric, extremesOf, type Scorer, type ScorerTools } from './compile.ts';
export { providersOf, type NamedProvider } from './providers.ts';
export { startRunLevel } from './run-level.ts';
export { toScore } from './shown.ts';
