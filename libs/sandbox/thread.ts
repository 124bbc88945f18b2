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

/** WebAssembly gives no memory back; a thread that holds this much is replaced. */
const EXTERNAL_MEMORY_MAX = 256 * 2 ** 20;

/** Each parser is loaded when it is needed first. */
async function answer(task: Task): Promise<Answer> {
  if (task.kind === 'callFunction') {
    const { callFunction } = await import('./tasks/call-function.ts');
    return { kind: 'json', text: await callFunction(task) };
  }
  if (task.kind === 'parseSql') {
    const { parseSql } = await import('./tasks/parse-sql.ts');
    return { kind: 'fault', fault: await parseSql(task.dialect, task.text) };
  }
  if (task.kind === 'parseCode') {
    const { parseCode } = await import('./tasks/parse-code.ts');
    return { kind: 'fault', fault: await parseCode(task.language, task.text) };
  }
  if (task.kind === 'parseXml') {
    const { parseXml } = await import('./tasks/parse-xml.ts');
    return { kind: 'fault', fault: parseXml(task.text) };
  }
  const { checkSchema, validateJson } = await import('./tasks/json-schema.ts');
  return task.kind === 'checkSchema'
    ? { kind: 'message', message: checkSchema(task.schema) }
    : { kind: 'faults', faults: validateJson(task) };
}

async function replyTo({ id, task }: Request): Promise<Reply> {
  try {
    const given = await answer(task);
    return { id, answer: given, spent: getHeapStatistics().external_memory > EXTERNAL_MEMORY_MAX };
  } catch (error) {
    if (error instanceof TaskError) {
      const { code, message } = error;
      return { id, answer: { kind: 'error', code, message }, spent: false };
    }
    // A stack that ran over within WebAssembly, or a trap: its memory is in no known state now.
    return { id, answer: brokenBy(error), spent: true };
  }
}

function brokenBy(error: unknown): Answer {
  if (error instanceof RangeError) {
    return { kind: 'error', code: 'too_large', message: 'this nests too deep to be worked on' };
  }
  const name = error instanceof Error ? bounded(error.name) : typeof error;
  return { kind: 'error', code: 'crashed', message: `the work broke off (${name})` };
}

parentPort?.on('message', (request: Request) => {
  void replyTo(request).then((reply) => parentPort?.postMessage(reply, []));
});
