export {
  createDataset,
  deleteDataset,
  findVersion,
  getDataset,
  getOpenDataset,
  listDatasetItems,
  listDatasets,
  listDatasetVersions,
  restoreDataset,
  updateDataset,
} from './datasets.ts';
export { compareDatasetVersions } from './difference.ts';
export { editDataset } from './edit.ts';
export { exportItems } from './export.ts';
export { getImport, listImports, trackImport, type ImportMeter } from './imports.ts';
export { importRecording } from './import-recording.ts';
export { importDatasetVersion } from './import-version.ts';
export { checkItemSchemas, checkSchemas, findSchemaFaults } from './item-schemas.ts';
export { previewDatasetVersion } from './preview-version.ts';
export { getRecording, listRecordings } from './recordings.ts';
export { DEEPEST_JSON, findUnstorable, type Unstorable } from './storable.ts';
export { summarizeVersion } from './summary.ts';
export { readItems, type ItemFormat } from './upload/items.ts';
export { FileLook } from './upload/look.ts';
export { readNdjson } from './upload/ndjson.ts';
export type { UploadRow, UploadRows } from './upload/rows.ts';
export { fieldProblems } from './upload/validate.ts';
