import { getHeapStatistics } from 'node:v8';
import { parentPort } from 'node:worker_threads';
import {
  bounded,
  TaskError,
  type Answer,
  type Reply,
  type Request,
  type Task,
} from './messages.ts';
import { boundMemories, wasMemoryRefused } from './wasm-memory.ts';

/** WebAssembly gives no memory back; a process that holds this much is replaced. */
const EXTERNAL_MEMORY_MAX = 256 * 2 ** 20;

boundMemories();

/** Each parser is loaded when it is needed first, which takes no time of the call's. */
async function workFor(task: Task): Promise<() => Answer | Promise<Answer>> {
  if (task.kind === 'callFunction') {
    const { callFunction } = await import('./tasks/call-function.ts');
    return async () => ({ kind: 'json', text: await callFunction(task) });
  }
  if (task.kind === 'parseSql') {
    const { parseSql } = await import('./tasks/parse-sql.ts');
    return async () => ({ kind: 'fault', fault: await parseSql(task.dialect, task.text) });
  }
  if (task.kind === 'parseCode') {
    const { parseCode } = await import('./tasks/parse-code.ts');
    return async () => ({ kind: 'fault', fault: await parseCode(task.language, task.text) });
  }
  if (task.kind === 'parseXml') {
    const { parseXml } = await import('./tasks/parse-xml.ts');
    return () => ({ kind: 'fault', fault: parseXml(task.text) });
  }
  const { checkSchema, validateJson } = await import('./tasks/json-schema.ts');
  return task.kind === 'checkSchema'
    ? () => ({ kind: 'message', message: checkSchema(task.schema) })
    : () => ({ kind: 'faults', faults: validateJson(task) });
}

const loaded = new Set<Task['kind']>();

async function replyTo({ id, task }: Request): Promise<Reply> {
  try {
    const work = await workFor(task);
    if (!loaded.has(task.kind)) {
      loaded.add(task.kind);
      send({ id, answer: { kind: 'loaded' }, spent: false });
    }
    const answer = await work();
    if (wasMemoryRefused()) return outOfMemory(id);
    return { id, answer, spent: getHeapStatistics().external_memory > EXTERNAL_MEMORY_MAX };
  } catch (error) {
    if (wasMemoryRefused()) return outOfMemory(id);
    if (error instanceof TaskError) {
      const { code, message } = error;
      return { id, answer: { kind: 'error', code, message }, spent: false };
    }
    // A stack that ran over within WebAssembly, or a trap: its memory is in no known state now.
    return { id, answer: brokenBy(error), spent: true };
  }
}

function outOfMemory(id: number): Reply {
  const message = 'it needs more memory than it may have';
  return { id, answer: { kind: 'error', code: 'memory', message }, spent: true };
}

function brokenBy(error: unknown): Answer {
  if (error instanceof RangeError) {
    return { kind: 'error', code: 'too_large', message: 'this nests too deep to be worked on' };
  }
  const name = error instanceof Error ? bounded(error.name) : typeof error;
  return { kind: 'error', code: 'crashed', message: `the work broke off (${name})` };
}

const send = (reply: Reply) => parentPort?.postMessage(reply, []);

parentPort?.on('message', (request: Request) => {
  void replyTo(request).then(send);
});
