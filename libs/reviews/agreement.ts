import {
  reviewLimits,
  type HumanMetric,
  type HumanValue,
  type Person,
  type ReviewAgreement,
} from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import {
  cohenKappa,
  confusionMatrix,
  krippendorffAlpha,
  weightedKappa,
  type MeasurementLevel,
} from '#libs/statistics';
import { agreementInWords } from './agreement-in-words.ts';
import { getHumanMetrics } from './human-metrics.ts';
import { getQueue, type Caller } from './queues.ts';
import { fromStored, type StoredValue } from './scale.ts';

const CONFIDENCE = 0.95;
/** Any: that the same scores give the same interval each time. */
const SEED = 20_260_101;

/** What one person gave one item. */
export interface Given {
  person: Person;
  value: HumanValue;
  /** On which values are compared: the number itself, or the place of the category. */
  position: number;
}

/** An item of a queue that somebody has scored. */
export interface ScoredItem {
  place: number;
  runId: string;
  no: number;
  key: string;
  repeat: number;
  given: Given[];
}

/**
 * What those who have reviewed items of a queue gave them in one metric; at most 10,000 items of 10
 * people. "Cannot tell" is counted and left out.
 */
export async function readScored(
  database: Queryable,
  queueId: string,
  metric: HumanMetric,
  runId?: string,
): Promise<{ items: ScoredItem[]; cannotTell: number }> {
  const rows = await database.query<
    Omit<ScoredItem, 'given'> & StoredValue & { keyId: string; person: string }
  >(sql`
    select i.place, i.run_id as "runId", i.no, e.key, e.repeat, h.key_id as "keyId",
      k.name as person, h.value, h.category
    from review_items i
    join reviews v on v.queue_id = i.queue_id and v.place = i.place and v.state = 'done'
    join human_scores h on h.run_id = i.run_id and h.no = i.no and h.key_id = v.key_id
      and h.human_metric_id = ${metric.id}
    join evaluation_items e on e.run_id = i.run_id and e.no = i.no
    join api_keys k on k.id = h.key_id
    where i.queue_id = ${queueId} ${runId === undefined ? sql`` : sql`and i.run_id = ${runId}`}
    order by i.place, h.key_id`);
  const { scale } = metric;
  const places = new Map(
    scale.kind === 'categorical' ? scale.categories.map(({ name }, place) => [name, place]) : [],
  );
  const items = new Map<number, ScoredItem>();
  let cannotTell = 0;
  for (const { keyId, person, value: number, category, ...item } of rows) {
    const value = fromStored(scale, { value: number, category });
    if (value === null) {
      cannotTell += 1;
      continue;
    }
    const scored = items.get(item.place) ?? { ...item, given: [] };
    items.set(item.place, scored);
    const position = category === null ? Number(number) : (places.get(category) ?? 0);
    scored.given.push({ person: { keyId, name: person }, value, position });
  }
  return { items: [...items.values()], cannotTell };
}

/** @throws {RequestError} `review_queue_not_found`, `human_metric_not_found` */
export async function getAgreement(
  database: Queryable,
  caller: Caller,
  queueId: string,
  humanMetricId: string,
): Promise<ReviewAgreement> {
  await getQueue(database, caller, queueId);
  const [metric] = await getHumanMetrics(database, caller.projectId, [humanMetricId]);
  if (!metric) throw new Error('a human metric was lost');
  const { items, cannotTell } = await readScored(database, queueId, metric);
  const judges = await database.query<ReviewAgreement['judges'][number]>(sql`
    select r.id as "runId", r.name as "runName", (
      select coalesce(json_agg(m.value ->> 'name' order by m.ordinality), '[]'::json)
      from json_array_elements(r.metrics) with ordinality m
    ) as metrics
    from (select distinct run_id from review_items where queue_id = ${queueId}) i
    join evaluation_runs r on r.id = i.run_id
    order by r.id desc limit ${reviewLimits.judgedRuns}`);
  return { ...agreementOf(metric, items), cannotTell, judges };
}

const levelOf = ({ scale }: HumanMetric): MeasurementLevel => {
  if (scale.kind === 'numeric') return 'interval';
  return scale.kind === 'categorical' && scale.ordered ? 'ordinal' : 'nominal';
};

/** How far people agree on items, without a database. */
function agreementOf(
  metric: HumanMetric,
  items: readonly ScoredItem[],
): Omit<ReviewAgreement, 'cannotTell' | 'judges'> {
  const level = levelOf(metric);
  const options = { level, confidence: CONFIDENCE, seed: SEED };
  const units = items.map(({ given }) => given.map(({ position }) => position));
  const { alpha, interval, units: pairable, percentAgreement } = krippendorffAlpha(units, options);
  const people = peopleOf(metric, items);
  const result = {
    humanMetric: metric,
    items: items.length,
    pairable,
    people,
    level,
    alpha: {
      value: alpha,
      confidenceLow: interval?.low ?? null,
      confidenceHigh: interval?.high ?? null,
    },
    percentAgreement,
    pairs: pairsOf(level, items, people.slice(0, reviewLimits.pairedPeople)),
    disagreements: disagreementsOf(level, items),
  };
  return { ...result, summary: agreementInWords(result) };
}

/** Those with most scores first. */
function peopleOf({ scale }: HumanMetric, items: readonly ScoredItem[]): ReviewAgreement['people'] {
  const people = new Map<string, { person: Person; scores: number; sum: number }>();
  for (const { person, position } of items.flatMap(({ given }) => given)) {
    const known = people.get(person.keyId) ?? { person, scores: 0, sum: 0 };
    people.set(person.keyId, known);
    known.scores += 1;
    known.sum += position;
  }
  return [...people.values()]
    .map(({ person, scores, sum }) => ({
      ...person,
      scores,
      mean: scale.kind === 'categorical' ? null : sum / scores,
    }))
    .sort((a, b) => b.scores - a.scores || a.name.localeCompare(b.name));
}

function pairsOf(
  level: MeasurementLevel,
  items: readonly ScoredItem[],
  people: readonly Person[],
): ReviewAgreement['pairs'] {
  const byPerson = people.map(({ keyId }) => {
    const positions = new Map<number, number>();
    for (const { place, given } of items) {
      const one = given.find(({ person }) => person.keyId === keyId);
      if (one) positions.set(place, one.position);
    }
    return positions;
  });
  return people.flatMap(({ keyId, name }, a) =>
    people.slice(a + 1).flatMap((other, between) => {
      const others = byPerson[a + 1 + between];
      const both = [...(byPerson[a] ?? [])].flatMap(([place, first]) => {
        const second = others?.get(place);
        return second === undefined ? [] : [[first, second] as const];
      });
      if (both.length === 0) return [];
      return [
        {
          first: { keyId, name },
          second: { keyId: other.keyId, name: other.name },
          n: both.length,
          agreement: both.filter(([x, y]) => x === y).length / both.length,
          kappa: kappaOf(level, both),
        },
      ];
    }),
  );
}

function kappaOf(
  level: MeasurementLevel,
  both: readonly (readonly [number, number])[],
): number | null {
  const positions = [...new Set(both.flat())].sort((a, b) => a - b);
  const places = new Map(positions.map((position, place) => [position, place]));
  const matrix = confusionMatrix(
    positions.length,
    both.map(([a, b]) => [places.get(a) ?? 0, places.get(b) ?? 0] as const),
  );
  if (level === 'nominal') return cohenKappa(matrix, CONFIDENCE).value;
  return weightedKappa(matrix, { weights: 'quadratic', positions }, CONFIDENCE).value;
}

/** By how far values lie apart; where they have no order, by how many pairs of people differ. */
function disagreementsOf(
  level: MeasurementLevel,
  items: readonly ScoredItem[],
): ReviewAgreement['disagreements'] {
  const apart = (given: readonly Given[]): number => {
    const positions = given.map(({ position }) => position);
    if (level !== 'nominal') return Math.max(...positions) - Math.min(...positions);
    const counts = new Map<number, number>();
    for (const position of positions) counts.set(position, (counts.get(position) ?? 0) + 1);
    const same = [...counts.values()].reduce((sum, count) => sum + count ** 2, 0);
    return 1 - same / positions.length ** 2;
  };
  return items
    .map(({ given, ...item }) => ({ item, given, apart: apart(given) }))
    .filter((one) => one.apart > 0)
    .sort((a, b) => b.apart - a.apart || a.item.place - b.item.place)
    .slice(0, reviewLimits.disagreements)
    .map(({ item, given }) => ({
      ...item,
      values: given.map(({ person, value }) => ({ by: person, value })),
    }));
}
