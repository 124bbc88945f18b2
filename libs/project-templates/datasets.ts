import { RequestError, type DatasetItem } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import { findSchemaFaults, findVersion, getOpenDataset } from '#libs/datasets';
import type { Sandbox } from '#libs/evaluation';
import { presets, recommendTemplates, type Candidate, type Recommendation } from '#libs/templates';
import type { SampledItem } from '#libs/templates';
import { getTemplate, listTemplates, ofTemplate } from './project-templates.ts';

const CHECKED_ITEMS = 1_000;
const SHOWN_FAULTS = 100;
const SAMPLED_ITEMS = 50;
/** Of the project's own templates; the newest. */
const CANDIDATES = 200;

type StoredItem = Pick<DatasetItem, 'key' | 'input' | 'expected' | 'metadata'>;

/** The first items of a version of a dataset; of its latest, where none is named. */
async function firstItems(
  database: Queryable,
  projectId: string,
  { datasetId, datasetVersion }: { datasetId: string; datasetVersion?: number | undefined },
  limit: number,
): Promise<StoredItem[]> {
  const { latestVersion } = await getOpenDataset(database, projectId, datasetId);
  const version = datasetVersion ?? latestVersion;
  if (version === null) {
    throw new RequestError(
      'conflict',
      'dataset_empty',
      'The dataset has no version yet; upload one with POST /api/v1/datasets/{id}/versions.',
      [{ field: 'datasetId', message: 'has no items' }],
    );
  }
  const { id } = await findVersion(database, projectId, datasetId, version);
  return database.query<StoredItem>(sql`
    select key, input, expected, metadata from dataset_items
    where version_id = ${id} order by position limit ${limit}`);
}

/**
 * Whether the items of a dataset have the shape that a template asks for; looks at the first 1000.
 * @throws {RequestError} `template_not_found`, `dataset_not_found`, `dataset_empty`, …
 */
export async function checkDataset(
  { database, sandbox }: { database: Queryable; sandbox: Sandbox },
  projectId: string,
  templateId: string,
  dataset: { datasetId: string; datasetVersion?: number | undefined },
): Promise<{
  checked: number;
  wrong: number;
  errors: { key: string; field: string; message: string }[];
}> {
  const { content } = await getTemplate(database, projectId, templateId);
  const { inputSchema, expectedSchema = null } = content;
  const items = await firstItems(database, projectId, dataset, CHECKED_ITEMS);
  const faults = await findSchemaFaults(
    sandbox,
    { inputSchema, expectedSchema },
    items.map(({ input, expected }) => ({ input, expected: expected ?? undefined })),
  );
  return {
    checked: items.length,
    wrong: faults.filter((ofItem) => ofItem.length > 0).length,
    errors: faults
      .flatMap((ofItem, index) =>
        ofItem.map(({ field, message }) => ({
          key: items[index]?.key ?? '',
          field,
          message: ofTemplate(message),
        })),
      )
      .slice(0, SHOWN_FAULTS),
  };
}

/** Which of the presets and of the project's own templates fit, best first. */
export async function recommendFor(
  database: Queryable,
  projectId: string,
  given: {
    datasetId?: string | undefined;
    items?: readonly SampledItem[] | undefined;
    description?: string | undefined;
  },
): Promise<Recommendation[]> {
  const { datasetId, description } = given;
  const items =
    datasetId === undefined
      ? given.items
      : (await firstItems(database, projectId, { datasetId }, SAMPLED_ITEMS)).map(
          ({ expected, ...item }) => ({ ...item, expected: expected ?? undefined }),
        );
  const { items: known } = await listTemplates(database, projectId, {
    limit: presets.length + CANDIDATES,
  });
  const candidates: Candidate[] = known.map(({ id, name, content }) => ({ id, name, content }));
  return recommendTemplates(candidates, { items, description });
}
