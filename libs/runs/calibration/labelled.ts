import { RequestError, type Json, type operations, type OperationInput } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';

type Request = OperationInput<typeof operations.calibrateRun>['body'];
export type Label = number | boolean | string;

/** An item that a person has labelled, and what the metric says of it. */
export interface LabelledItem {
  key: string;
  repeat: number;
  label: Label;
  /** Where in the request the label comes from. */
  field: string;
  /** `unmatched`: the run has no closed item of that key and repeat. */
  state: 'scored' | 'without_score' | 'unmatched';
  value: number | null;
  category: string | null;
}

interface Source {
  runId: string;
  /** Its place in the run's list. */
  metric: number;
  versionId: string;
  withDetails: boolean;
}

type WithDetails = LabelledItem & { details: Json };

interface ScoreRow {
  no: number | null;
  outcome: string | null;
  value: number | null;
  category: string | null;
  details: Json;
}

/** Rows of the run that are looked up by key at a time, and those that are read with all their JSON. */
const KEYS_AT_ONCE = 1_000;
const ITEMS_AT_ONCE = 200;
const LABEL_MAX = 200;

/** The labelled items of a run, page by page. */
export const readLabelled = (
  database: Queryable,
  source: Source,
  { labels, labelPath }: Request,
): AsyncGenerator<WithDetails[]> =>
  labels === undefined
    ? readFromDataset(database, source, labelPath ?? '')
    : readByKey(database, source, labels);

async function* readByKey(
  database: Queryable,
  source: Source,
  labels: NonNullable<Request['labels']>,
): AsyncGenerator<WithDetails[]> {
  refuseRepeated(labels);
  for (let start = 0; start < labels.length; start += KEYS_AT_ONCE) {
    const asked = labels.slice(start, start + KEYS_AT_ONCE);
    const rows = await database.query<ScoreRow & { place: number }>(sql`
      select l.place::int as place, e.no, ${scoreColumns(source)}
      from unnest(${asked.map(({ key }) => key)}::text[], ${asked.map(({ repeat }) => repeat)}::int[])
        with ordinality as l (key, repeat, place)
      left join lateral (
        select no from evaluation_items i
        where i.run_id = ${source.runId} and i.key = l.key and i.repeat = l.repeat
          and i.status <> 'open' limit 1
      ) e on true
      ${joinScore(source)}
      order by l.place`);
    yield rows.flatMap(({ place, ...row }) => {
      const given = asked[place - 1];
      if (!given) return [];
      return [labelledItem({ ...given, field: `labels.${start + place - 1}.label` }, row)];
    });
  }
}

function refuseRepeated(labels: NonNullable<Request['labels']>): void {
  const seen = new Set<string>();
  for (const [place, { key, repeat }] of labels.entries()) {
    const name = `${repeat}/${key}`;
    if (seen.has(name)) {
      throw new RequestError(
        'invalid',
        'duplicate_label',
        `There are two labels for repeat ${repeat} of the item "${key}"; give one.`,
        [{ field: `labels.${place}`, message: 'labels an item for the second time' }],
      );
    }
    seen.add(name);
  }
}

/** Reads the run from its beginning: labels may stand at any of its items. */
async function* readFromDataset(
  database: Queryable,
  source: Source,
  labelPath: string,
): AsyncGenerator<WithDetails[]> {
  const [column = '', ...path] = labelPath.split('.');
  const holder = sql.raw(column === 'metadata' ? 'd.metadata' : 'd.expected');
  let after = -1;
  for (;;) {
    const rows = await database.query<
      ScoreRow & { no: number; key: string; repeat: number; holder: Json }
    >(sql`
      select e.no, e.key, e.repeat, d.holder, ${scoreColumns(source)}
      from (
        select no, key, repeat from evaluation_items
        where run_id = ${source.runId} and status <> 'open' and no > ${after}::int
        order by no limit ${ITEMS_AT_ONCE}
      ) e
      join lateral (
        select ${holder} as holder from dataset_items d
        where d.version_id = ${source.versionId} and d.key = e.key limit 1
      ) d on true
      ${joinScore(source)}
      order by e.no`);
    yield rows.flatMap(({ key, repeat, holder, ...row }) => {
      const label = labelAt(holder, path, labelPath, key);
      return label === undefined
        ? []
        : [labelledItem({ key, repeat, label, field: 'labelPath' }, row)];
    });
    const last = rows.at(-1);
    if (rows.length < ITEMS_AT_ONCE || !last) return;
    after = last.no;
  }
}

const scoreColumns = ({ withDetails }: Source) => sql`
  s.outcome, s.value, s.category, ${withDetails ? sql`s.details` : sql`null`} as details`;

const joinScore = ({ runId, metric }: Source) => sql`
  left join lateral (
    select outcome, value, category, details from scores c
    where c.run_id = ${runId} and c.no = e.no and c.metric = ${metric}::smallint limit 1
  ) s on true`;

const labelledItem = (
  labelled: Pick<LabelledItem, 'key' | 'repeat' | 'label' | 'field'>,
  { no, outcome, value, category, details }: ScoreRow,
): WithDetails => ({
  ...labelled,
  state: no === null ? 'unmatched' : outcome === 'scored' ? 'scored' : 'without_score',
  value,
  category,
  details,
});

/** Undefined where the item has no label: nothing there, null, or an empty text. */
function labelAt(
  holder: Json,
  path: readonly string[],
  labelPath: string,
  key: string,
): Label | undefined {
  let value: Json | undefined = holder;
  for (const step of path) value = fieldOf(value, step);
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && value.trim() === '') return undefined;
  if (typeof value === 'object' || (typeof value === 'string' && value.length > LABEL_MAX)) {
    throw new RequestError(
      'unprocessable',
      'label_unreadable',
      `The item "${key}" has no label at ${labelPath} but ${typeof value === 'string' ? `a text of more than ${LABEL_MAX} characters` : 'a list or an object'}. Name the path of a number, yes or no, or a short text.`,
      [{ field: 'labelPath', message: 'does not lead to labels' }],
    );
  }
  return value;
}

function fieldOf(value: Json | undefined, step: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, step) ? value[step] : undefined;
}
