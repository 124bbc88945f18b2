import { parentPort } from 'node:worker_threads';
import type { Answer, Question } from './messages.ts';
import { openParquet, type ParquetFile } from './reader.ts';

let file: ParquetFile | undefined;
let rows: ReturnType<ParquetFile['rows']> | undefined;

async function answer(question: Question): Promise<Answer> {
  if (question.kind === 'open') {
    file = await openParquet(question.bytes, question.limits);
    return { kind: 'names', names: file.names };
  }
  if (question.kind === 'read') rows = file?.rows(question.columns);
  const next = await rows?.next();
  return next?.done === false ? next.value : { kind: 'end' };
}

parentPort?.on('message', (question: Question) => {
  answer(question)
    .catch((error: unknown): Answer => {
      return {
        kind: 'fault',
        message: error instanceof Error ? error.message : 'it cannot be read',
      };
    })
    .then((reply) => parentPort?.postMessage(reply, []))
    .catch(() => process.exit(1));
});
