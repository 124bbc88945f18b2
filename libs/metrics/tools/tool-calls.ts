import type { Json, ToolCall } from '#libs/contracts';
import { parseJson, type MetricCase } from '#libs/evaluation';
import { MetricError } from '../metric-error.ts';

/** Comparing takes the product of two lists; nobody means more calls than a recording may have. */
const CALLS_MAX = 1000;

type JsonObject = { [name: string]: Json };

/** A call as metrics compare it. */
export type Call = Pick<ToolCall, 'name' | 'arguments'>;

/** Calls, or why there are none to be had. `note` says where they come from, if that is not plain. */
export type CallsFound = { calls: Call[]; note?: string } | { fault: string };

/**
 * The calls that were made: those that the target reported, or else those that the output lists. An
 * output that is none of the known shapes made no calls. A fault: it has a list of calls with something
 * else in it.
 * @throws {MetricError} beyond 1,000 calls
 */
export function callsMade({ toolCalls, output }: MetricCase): CallsFound {
  if (toolCalls !== undefined) {
    return bounded({
      calls: toolCalls.map(({ name, arguments: given }) => ({
        name,
        arguments: argumentsOf(given),
      })),
    });
  }
  const found = callsIn(output);
  if (found === undefined) {
    return {
      calls: [],
      note: 'the target reported no tool calls, and the output is no list of them',
    };
  }
  return 'fault' in found ? { fault: `the output ${found.fault}` } : bounded(found);
}

/**
 * The calls that are expected: a list of them, one call with its arguments, or an object with such a list.
 * @throws {MetricError} beyond 1,000 calls
 */
export function callsExpected(expected: Json | undefined): CallsFound {
  const found = expected === undefined ? undefined : callsIn(expected);
  if (found === undefined) return { fault: 'expected is no list of tool calls' };
  return 'fault' in found ? { fault: `expected ${found.fault}` } : bounded(found);
}

function bounded(found: { calls: Call[] }): { calls: Call[] } {
  if (found.calls.length > CALLS_MAX) {
    throw new MetricError(`more than ${CALLS_MAX} tool calls are not compared`);
  }
  return found;
}

type Found = { calls: Call[] } | { fault: string } | undefined;

/** Undefined where the value is not shaped like tool calls at all. */
function callsIn(given: Json): Found {
  const value = typeof given === 'string' ? parseJson(given) : given;
  if (Array.isArray(value)) return listOfCalls(value);
  if (!isObject(value)) return undefined;
  for (const field of ['toolCalls', 'tool_calls']) {
    const list = ownField(value, field);
    if (list === null) return { calls: [] };
    if (list === undefined) continue;
    const calls = Array.isArray(list) ? list.map(callOf) : [undefined];
    const sound = calls.filter((call) => call !== undefined);
    return sound.length === calls.length
      ? { calls: sound }
      : { fault: `has something in ${field} that is not a tool call` };
  }
  const content = ownField(value, 'content');
  if (Array.isArray(content) && content.some(isBlock)) return listOfCalls(content);
  // A name by itself is more often that of a person than a call.
  const single = isBare(value) ? undefined : callOf(value);
  return single && { calls: [single] };
}

/** A list of calls, also among the other blocks of one of Anthropic's messages. */
function listOfCalls(list: readonly Json[]): Found {
  const calls = list.some(isBlock)
    ? list.filter((block) => isObject(block) && ownField(block, 'type') === 'tool_use').map(callOf)
    : list.map(callOf);
  const sound = calls.filter((call) => call !== undefined);
  if (sound.length === calls.length) return { calls: sound };
  return sound.length > 0
    ? { fault: 'has something among its tool calls that is none' }
    : undefined;
}

const blockTypes: ReadonlySet<Json | undefined> = new Set([
  'text',
  'thinking',
  'redacted_thinking',
  'tool_use',
]);
const isBlock = (value: Json): boolean =>
  isObject(value) && blockTypes.has(ownField(value, 'type'));

const bareFields: ReadonlySet<string> = new Set(['id', 'type', 'name']);
const isBare = (value: JsonObject): boolean =>
  Object.keys(value).every((field) => bareFields.has(field));

/** One call, in the shape of OpenAI, of Anthropic or of ours; undefined for anything else. */
function callOf(value: Json): Call | undefined {
  if (!isObject(value)) return undefined;
  const inner = ownField(value, 'function');
  if (isObject(inner)) return namedCall(inner, 'arguments');
  if (ownField(value, 'type') === 'tool_use') return namedCall(value, 'input');
  // Without arguments it is a call only where nothing else is in it: people have names too.
  return Object.hasOwn(value, 'arguments') || isBare(value)
    ? namedCall(value, 'arguments')
    : undefined;
}

function namedCall(value: JsonObject, field: string): Call | undefined {
  const name = ownField(value, 'name');
  if (typeof name !== 'string' || name === '') return undefined;
  return { name, arguments: argumentsOf(ownField(value, field)) };
}

/** OpenAI gives arguments as a JSON text. What is not JSON stays a text, and equals no object. */
function argumentsOf(given: Json | undefined): Json {
  if (given === undefined || given === null || given === '') return {};
  return typeof given === 'string' ? (parseJson(given) ?? given) : given;
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const ownField = (value: JsonObject, field: string): Json | undefined =>
  Object.hasOwn(value, field) ? value[field] : undefined;
