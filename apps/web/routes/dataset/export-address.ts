import type { ExportFormat } from '#libs/contracts';

/** Where the items of a version are downloaded from. */
export const exportAddress = (datasetId: string, version: number, format: ExportFormat): string =>
  `/api/v1/datasets/${datasetId}/versions/${version}/export?format=${format}`;
