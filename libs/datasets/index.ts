export {
  createDataset,
  getDataset,
  listDatasetItems,
  listDatasets,
  listDatasetVersions,
} from './datasets.ts';
export { importRecording } from './import-recording.ts';
export { importDatasetVersion } from './import-version.ts';
export { getRecording, listRecordings } from './recordings.ts';
export { DEEPEST_JSON, findUnstorable, type Unstorable } from './storable.ts';
export { readCsv } from './upload/csv.ts';
export { readJsonArray } from './upload/json-array.ts';
export { readNdjson } from './upload/ndjson.ts';
export type { UploadRow, UploadRows } from './upload/rows.ts';
export { fieldProblems } from './upload/validate.ts';
