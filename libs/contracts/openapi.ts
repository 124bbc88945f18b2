import {
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
} from 'zod-openapi';
import { z } from 'zod';
import { problem } from './common.ts';
import { columnMapping, datasetItemInput } from './datasets.ts';
import { readiness } from './health.ts';
import { operations } from './index.ts';
import type { Operation } from './operation.ts';
import { recordedOutputInput } from './recordings.ts';

const projectHeader = z.object({
  'x-project': z.string().optional().meta({
    description:
      'Id or name of the project to work in, for keys of the instance; left out: `default`',
  }),
});

/** What a line of the bodies that stream holds. */
const lines: Record<string, z.ZodType> = {
  createDatasetVersion: datasetItemInput,
  previewDatasetVersion: datasetItemInput,
  createRecording: recordedOutputInput,
};

const refusals = {
  400: 'The request is wrong; `errors` names each field, or line, and what is wrong with it',
  401: 'No key, or one that is not valid',
  403: 'The key may not do this',
  404: 'There is no such thing in this project',
  409: 'It does not fit the present state',
  413: 'The body is too large',
  415: 'The body is of another media type',
  422: 'It cannot be done as asked',
  429: 'Too many wrong keys came from this address',
  503: 'Not now; try again after `Retry-After` seconds',
};
type Refusal = keyof typeof refusals;

/** The OpenAPI 3.1 document of the API, written from the operations. */
export function createOpenApiDocument(): ReturnType<typeof createDocument> {
  const paths: ZodOpenApiPathsObject = {};
  const all: Operation[] = Object.values(operations);
  for (const operation of all) {
    const path = (paths[`/api/v1${operation.path}`] ??= {});
    const described = describe(operation);
    if (operation.method === 'GET') path.get = described;
    else if (operation.method === 'POST') path.post = described;
    else if (operation.method === 'PATCH') path.patch = described;
    else path.delete = described;
  }
  const document: ZodOpenApiObject = {
    openapi: '3.1.1',
    info: {
      title: 'LLM-Eval',
      version: '1.0.0',
      description:
        'Run, watch and compare evaluations of language models. Lists answer `{items, nextCursor}`; errors are problem documents (RFC 9457) with a stable `code`.',
    },
    tags: [...new Set(all.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      // Stands in a query as text, where nothing else refers to it.
      schemas: { ColumnMapping: columnMapping },
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'An API key' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'llm_eval_session',
          description: 'What `POST /session` sets',
        },
      },
    },
  };
  return createDocument(document);
}

function describe(operation: Operation): ZodOpenApiOperationObject {
  const header = z.object({
    ...operation.headers?.shape,
    ...(operation.role === null ? {} : projectHeader.shape),
  });
  const requestParams = {
    ...(operation.params ? { path: operation.params } : {}),
    ...(operation.query ? { query: operation.query } : {}),
    ...(Object.keys(header.shape).length > 0 ? { header } : {}),
  };
  const role = operation.role === null ? 'No key is needed.' : `Needs the role ${operation.role}.`;
  const body = describeBody(operation);
  return {
    operationId: operation.id,
    summary: operation.summary,
    description: [operation.description, role].filter(Boolean).join('\n\n'),
    tags: [operation.tag],
    security: operation.role === null ? [] : [{ key: [] }, { session: [] }],
    requestParams,
    ...(body
      ? { requestBody: { required: !operation.body?.safeParse(undefined).success, content: body } }
      : {}),
    responses: describeResponses(operation),
  };
}

function describeBody(operation: Operation): Record<string, { schema: z.ZodType }> | undefined {
  if (operation.body) return { 'application/json': { schema: operation.body } };
  if (!operation.streams) return undefined;
  const line = lines[operation.id] ?? z.unknown();
  return Object.fromEntries(
    operation.streams.map((mediaType) => [mediaType, { schema: streamed(mediaType, line) }]),
  );
}

const table =
  'columns `key`, `input`, `expected`, `metadata`, `tags`, `split`, of which only `input` must be there, and columns such as `input.question` and `metadata.source` that build objects; or any others, with a `mapping`.';
const textCells =
  'A cell that is a JSON object or array, or JSON after `json:`, is read as JSON; any other is as it is, and an empty one is left out, but for `input`. Tags are a JSON array, or separated by `;`.';

const binary = { type: 'string', contentEncoding: 'binary' } as const;

/** What lies in a body of each media type that streams. */
function streamed(mediaType: string, line: z.ZodType): z.ZodType {
  switch (mediaType) {
    case 'application/json':
      return z.union([z.array(line), z.object({ items: z.array(line) })]);
    case 'text/csv':
      return z.string().meta({
        description: `RFC 4180, in UTF-8, with a header: ${table} ${textCells} \`delimiter\` names another than a comma.`,
      });
    case 'text/tab-separated-values':
      return z.string().meta({
        description: `As CSV, quotes included, with tabs between cells. The header has ${table} ${textCells}`,
      });
    case 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet':
      return z.string().meta({
        description: `An XLSX workbook of at most 2 GB, of which the first sheet is read, or the one that \`sheet\` names. Its first row that is not empty is the header: ${table} ${textCells} Numbers and truth values stay what they are, but in \`key\` and \`split\`, which are text; dates and times become ISO 8601 text; a formula is what it gave.`,
        override: binary,
      });
    case 'application/vnd.apache.parquet':
      return z.string().meta({
        description: `A Parquet file of at most 2 GB, read row group by row group, each of at most 2 million rows and 512 MB unpacked (128 MB with lists or structs), of the columns that are used: ${table} Values keep their types; integers beyond 2^53 become text with all their digits, dates and times ISO 8601 text, bytes base64, and NaN is null. A null is left out, but for \`input\`. Lines are rows, from 1.`,
        override: binary,
      });
    default:
      return line.meta({ description: 'One such object a line' });
  }
}

function describeResponses(operation: Operation): ZodOpenApiOperationObject['responses'] {
  const responses: Record<`${1 | 2 | 3 | 4 | 5}${string}`, ZodOpenApiResponseObject> = {
    [`${operation.status}`]: {
      description:
        operation.response || operation.downloads
          ? 'Done'
          : 'Done; there is nothing to answer with',
      ...(operation.response
        ? { content: { 'application/json': { schema: operation.response } } }
        : {}),
      ...(operation.downloads
        ? {
            content: Object.fromEntries(
              operation.downloads.map((mediaType) => [mediaType, { schema: z.string() }]),
            ),
          }
        : {}),
    },
  };
  if (operation.alsoAnswers && operation.response) {
    responses[`${operation.alsoAnswers}`] = {
      description: 'Not ready yet; ask again after `Retry-After` seconds',
      content: { 'application/json': { schema: operation.response } },
    };
  }
  for (const status of refusalsOf(operation)) {
    responses[`${status}`] = {
      description: refusals[status],
      content: { 'application/problem+json': { schema: problem } },
    };
  }
  if (operation.id === 'getReadiness') {
    responses['503'] = {
      description: 'Something that it stands on is not ready',
      content: { 'application/json': { schema: readiness } },
    };
  }
  return responses;
}

function refusalsOf({ role, params, query, body, streams, method }: Operation): Refusal[] {
  const refused: Refusal[] = [];
  if (params || query || body || streams) refused.push(400);
  if (role !== null || body) refused.push(401, 429);
  if (role !== null) refused.push(403, 404, 503);
  if (role !== null && method !== 'GET') refused.push(409);
  if (body || streams) refused.push(413, 415, 422);
  return refused;
}
