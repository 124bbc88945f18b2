import type { Json } from '#libs/contracts';
import { SandboxError, type Sandbox } from '#libs/evaluation';
import type { Answer, Task } from './messages.ts';
import { SandboxProcess } from './sandbox-process.ts';

export interface SandboxOptions {
  /** For each parsing and validating, in milliseconds; then the process is ended. */
  parseMs?: number;
}

/** Characters of a text to be parsed: what parsers make of one is many times as large. */
const TEXT_MAX = 2_000_000;
/** Characters of JSON to be validated, or to be called with. */
const JSON_MAX = 20_000_000;

/**
 * A sandbox in a process of its own, which is started when it is needed first, and which ends with this
 * one. An idle sandbox does not keep this process alive. It is a process and not a thread of this one,
 * since a thread that runs out of memory can take all others down with it.
 */
export function createSandbox({ parseMs = 5_000 }: SandboxOptions = {}): Sandbox {
  const worker = new SandboxProcess();

  async function parse(task: Extract<Task, { text: string }>) {
    if (task.text.length > TEXT_MAX) {
      throw new SandboxError('too_large', `the text has more than ${TEXT_MAX} characters`);
    }
    const answer = await worker.run(task, parseMs);
    return answer.kind === 'fault' ? answer.fault : refuse(answer);
  }

  return {
    async callFunction({ code, argument, timeMs, memoryBytes }) {
      const task = {
        kind: 'callFunction',
        code,
        argument: jsonOf(argument),
        timeMs,
        memoryBytes,
      } as const;
      const answer = await worker.run(task, timeMs + INTERRUPT_MS);
      return answer.kind === 'json' ? valueOf(answer.text) : refuse(answer);
    },
    parseSql: async (dialect, text) => parse({ kind: 'parseSql', dialect, text }),
    parseCode: async (language, text) => parse({ kind: 'parseCode', language, text }),
    parseXml: async (text) => parse({ kind: 'parseXml', text }),
    async validateJson(schema, values, faultsMax) {
      const task = {
        kind: 'validateJson',
        schema: jsonOf(schema),
        values: jsonOf([...values]),
        faultsMax,
      } as const;
      const answer = await worker.run(task, parseMs);
      return answer.kind === 'faults' ? answer.faults : refuse(answer);
    },
    async checkSchema(schema) {
      const answer = await worker.run({ kind: 'checkSchema', schema: jsonOf(schema) }, parseMs);
      return answer.kind === 'message' ? answer.message : refuse(answer);
    },
    close: async () => worker.close(),
  };
}

/** A function is interrupted within the process; only what can't be interrupted ends it. */
const INTERRUPT_MS = 2_000;

function refuse(answer: Answer): never {
  if (answer.kind === 'error') throw new SandboxError(answer.code, answer.message);
  throw new SandboxError('crashed', 'the sandbox gave an answer to another question');
}

function jsonOf(value: Json): string {
  let text;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    const message = 'the value nests too deep to be worked on';
    throw new SandboxError('too_large', message, { cause: error });
  }
  if (text.length <= JSON_MAX) return text;
  throw new SandboxError('too_large', `the value has more than ${JSON_MAX} characters of JSON`);
}

function valueOf(text: string): Json {
  const value: Json = JSON.parse(text);
  return value;
}
