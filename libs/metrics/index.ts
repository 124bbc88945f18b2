export { metricCatalogue } from './catalogue.ts';
export { checkMetricSpecs, MetricSpecError, type MetricFault } from './check.ts';
export { compileMetric, type Scorer } from './compile.ts';
