export * from './agreement.ts';
export * from './krippendorff.ts';
export * from './decimal.ts';
export * from './intervals.ts';
export * from './quantile.ts';
export * from './summary.ts';
export * from './repeats.ts';
export * from './paired-binary.ts';
export * from './paired-graded.ts';
export * from './multiplicity.ts';
export * from './power.ts';
export * from './paired-categorical.ts';
export * from './random.ts';
export * from './bootstrap.ts';
export * from './sign-flip.ts';
export * from './relative-change.ts';
export {
  clusteredMean,
  type ClusteredMean,
  equivalenceOfMeanP,
  varianceComponents,
  type VarianceComponents,
} from './clusters.ts';
export * from './correlation.ts';
export * from './simultaneous.ts';
export * from './groups.ts';
export * from './change-points.ts';
export * from './bins.ts';
