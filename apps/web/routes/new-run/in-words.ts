import { submitRun, type Json } from '#libs/contracts';
import { formatCost, formatCount } from '../../format/numbers.ts';
import { formatDuration } from '../../format/time.ts';
import type { JsonObject } from './request.ts';

const shape = submitRun.shape;

/** What a run will do, line by line, from its body alone; parts that are not there yet are left out. */
export function runInWords(
  body: JsonObject,
  known: { dataset: string | undefined; items: number | undefined },
): string[] {
  const repeats = shape.repeats.safeParse(body.repeats).data ?? 1;
  const metrics = Array.isArray(body.metrics) ? body.metrics : [];
  return [
    itemsInWords(body, known, repeats),
    targetInWords(objectOf(body.target)),
    metrics.length === 0
      ? ''
      : `Each output is scored by ${listed(metrics.map((metric) => nameOf(objectOf(metric))))}.`,
    effortInWords(body),
    capsInWords(body),
  ].filter((line) => line !== '');
}

function itemsInWords(
  body: JsonObject,
  { dataset, items }: { dataset: string | undefined; items: number | undefined },
  repeats: number,
): string {
  if (dataset === undefined) return '';
  const version =
    typeof body.datasetVersion === 'number'
      ? `version ${body.datasetVersion}`
      : 'the latest version';
  const filter = shape.filter.safeParse(body.filter).data;
  const part = filter ? `, those of ${filterInWords(filter)}` : '';
  const count = items === undefined ? 'The items' : `${formatCount(items)} items`;
  const times =
    repeats === 1
      ? ''
      : `, each ${repeats} times${items === undefined ? '' : `: ${formatCount(items * repeats)} evaluations`}`;
  return `${count} of “${dataset}”, ${version}${part}${times}.`;
}

function filterInWords({
  splits,
  tags,
  keys,
}: {
  splits?: string[] | undefined;
  tags?: string[] | undefined;
  keys?: string[] | undefined;
}): string {
  return [
    splits && `${splits.length === 1 ? 'split' : 'splits'} ${splits.join(', ')}`,
    tags && `${tags.length === 1 ? 'tag' : 'tags'} ${tags.join(', ')}`,
    keys && `${formatCount(keys.length)} ${keys.length === 1 ? 'key' : 'keys'}`,
  ]
    .filter((part) => part !== undefined)
    .join(' and ');
}

function targetInWords({ kind, ...target }: JsonObject): string {
  if (kind === 'model') {
    const { model, provider, prompt } = target;
    if (model === '' || provider === '') return '';
    const named =
      objectOf(prompt).promptId === undefined ? 'the prompt above' : 'a prompt of the project';
    return `Outputs come from ${said(model)} of ${said(provider)}, asked with ${named}.`;
  }
  if (kind === 'http') {
    if (target.url === '') return '';
    return `Outputs come from ${said(target.method ?? 'POST')} ${said(target.url)}.`;
  }
  if (kind === 'recorded') {
    if (target.runId !== undefined) return 'The outputs of an earlier run are scored again.';
    if (target.recordingId === undefined) return '';
    return 'Outputs of a recording are scored; nothing is called for them.';
  }
  return 'The run waits for code of yours to take its items and answer them.';
}

function effortInWords(body: JsonObject): string {
  const concurrency = shape.concurrency.safeParse(body.concurrency).data;
  const timeoutMs = shape.timeoutMs.safeParse(body.timeoutMs).data;
  const maxRetries = shape.maxRetries.safeParse(body.maxRetries).data;
  if (concurrency === undefined || timeoutMs === undefined || maxRetries === undefined) return '';
  const cache = body.cache === true ? '; answers that are known already are used again' : '';
  return `Up to ${formatCount(concurrency)} items are in flight; a call gets ${formatDuration(timeoutMs)} and ${maxRetries === 1 ? 'one retry' : `${maxRetries} retries`}${cache}.`;
}

function capsInWords({ maxCostUsd, maxDurationMs }: JsonObject): string {
  const caps = [
    typeof maxCostUsd === 'number' && `has cost ${formatCost(maxCostUsd)}`,
    typeof maxDurationMs === 'number' && `has worked for ${formatDuration(maxDurationMs)}`,
  ].filter((cap) => cap !== false);
  return caps.length === 0
    ? 'Nothing stops it early but errors: it has no cap on cost or time.'
    : `It stops early once it ${caps.join(', or ')}.`;
}

const nameOf = ({ name, metric }: JsonObject): string => said(name ?? metric ?? '');

function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

const said = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? '');

const objectOf = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};

/** What a run is called where nobody named it: the dataset and what gives the outputs. */
export function suggestName(dataset: string | undefined, target: JsonObject): string {
  if (dataset === undefined) return '';
  const from = {
    model: target.model === '' ? 'a model' : said(target.model),
    http: hostOf(said(target.url)),
    recorded: 'recorded outputs',
    client: 'my own code',
  };
  const { kind } = target;
  const by = kind === 'model' || kind === 'http' || kind === 'recorded' ? from[kind] : from.client;
  return `${dataset}, ${by}`.slice(0, 200);
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'an endpoint');
