export { applyTemplate, type Applied } from './apply.ts';
export { checkTemplate } from './check.ts';
export { asksModels, withModels, type NamedModel } from './models.ts';
export { presets, type Preset } from './presets/index.ts';
export type { SampledItem } from './dataset-traits.ts';
export { recommendTemplates, type Candidate, type Recommendation } from './recommend.ts';
export { fromYaml, toYaml } from './yaml.ts';
