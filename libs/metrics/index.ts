export { metricCatalogue } from './catalogue.ts';
export { checkMetricSpecs, MetricSpecError, shapeOf, type MetricFault } from './check.ts';
export { compileMetric, extremesOf, type Scorer, type ScorerTools } from './compile.ts';
