import type { ExportFormat, HumanScale, Json } from '#libs/contracts';
import { isoTime, sql, type Queryable } from '#libs/database';
import { stringify } from 'csv-stringify/sync';
import { getQueue, type Caller } from './queues.ts';
import { fromStored, type StoredValue } from './scale.ts';

/** Items whose scores are read, and written, at a time. */
const PAGE = 100;

const columns = [
  'place',
  'run_id',
  'no',
  'key',
  'repeat',
  'human_metric',
  'value',
  'comment',
  'by',
  'updated_at',
  'input',
  'expected',
  'output',
];

/**
 * What people scored in a queue as a file, a line for each score, some items at a time as they are asked
 * for. "Cannot tell" is a line without a value.
 * @throws {RequestError} `review_queue_not_found`, before the first part
 */
export async function* exportReviews(
  database: Queryable,
  caller: Caller,
  queueId: string,
  format: ExportFormat,
): AsyncGenerator<string, void, undefined> {
  await getQueue(database, caller, queueId);
  yield format === 'csv' ? stringify([columns]) : '';
  let after = -1;
  for (;;) {
    const rows = await database.query<ScoreLine>(sql`
      select i.place, i.run_id, i.no, e.key, e.repeat, m.name as human_metric, m.scale, h.value,
        h.category, h.comment, k.name as by, ${isoTime('h.updated_at')} as updated_at, d.input,
        d.expected, e.output, i.last
      from (
        select *, max(place) over () as last from (
          select * from review_items
          where queue_id = ${queueId} and place > ${after} order by place limit ${PAGE}
        ) page
      ) i
      join review_queues q on q.id = ${queueId}
      join evaluation_runs r on r.id = i.run_id
      join evaluation_items e on e.run_id = i.run_id and e.no = i.no
      cross join lateral (
        select input, expected from dataset_items
        where version_id = r.dataset_version_id and key = e.key limit 1
      ) d
      left join reviews v on v.queue_id = i.queue_id and v.place = i.place and v.state = 'done'
      left join human_scores h on h.run_id = i.run_id and h.no = i.no and h.key_id = v.key_id
        and h.human_metric_id = any(q.human_metric_ids)
      left join human_metrics m on m.id = h.human_metric_id
      left join api_keys k on k.id = h.key_id
      order by i.place, k.name, h.key_id, m.name`);
    const last = rows.at(-1)?.last;
    if (last === undefined) return;
    const lines = rows.flatMap(lineOf);
    yield format === 'csv'
      ? stringify(lines.map((line) => Object.values(line).map(cellOf)))
      : lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    after = last;
  }
}

interface ScoreLine extends StoredValue {
  place: number;
  run_id: string;
  no: number;
  key: string;
  repeat: number;
  /** Null: nobody has scored the item. */
  human_metric: string | null;
  scale: HumanScale | null;
  comment: string | null;
  by: string | null;
  updated_at: string | null;
  input: Json;
  expected: Json;
  output: Json;
  /** The last place that was read. */
  last: number;
}

function lineOf({ scale, value, category, ...row }: ScoreLine) {
  if (scale === null) return [];
  return [
    {
      place: row.place,
      run_id: row.run_id,
      no: row.no,
      key: row.key,
      repeat: row.repeat,
      human_metric: row.human_metric,
      value: fromStored(scale, { value, category }),
      comment: row.comment,
      by: row.by,
      updated_at: row.updated_at,
      input: row.input,
      expected: row.expected,
      output: row.output,
    },
  ];
}

const cellOf = (value: Json): string => {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
};
