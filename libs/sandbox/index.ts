import type { Json } from '#libs/contracts';
import { SandboxError, type Sandbox } from '#libs/evaluation';
import type { Answer, Task } from './messages.ts';
import { SandboxThread } from './sandbox-thread.ts';

export interface SandboxOptions {
  /** For each parsing and validating, in milliseconds; then the thread is ended. */
  parseMs?: number;
}

/** Characters of a text to be parsed: what parsers make of one is many times as large. */
const TEXT_MAX = 2_000_000;

/**
 * A sandbox in a thread of its own, which is started when it is needed first. It is not kept alive for
 * its own sake: an idle sandbox does not hold the process.
 */
export function createSandbox({ parseMs = 5_000 }: SandboxOptions = {}): Sandbox {
  const thread = new SandboxThread();

  async function parse(task: Extract<Task, { text: string }>) {
    if (task.text.length > TEXT_MAX) {
      throw new SandboxError('too_large', `the text has more than ${TEXT_MAX} characters`);
    }
    const answer = await thread.run(task, parseMs);
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
      const answer = await thread.run(task, timeMs + INTERRUPT_MS);
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
      const answer = await thread.run(task, parseMs);
      return answer.kind === 'faults' ? answer.faults : refuse(answer);
    },
    async checkSchema(schema) {
      const answer = await thread.run({ kind: 'checkSchema', schema: jsonOf(schema) }, parseMs);
      return answer.kind === 'message' ? answer.message : refuse(answer);
    },
    close: async () => thread.close(),
  };
}

/** A function is interrupted within the thread; only what can't be interrupted ends it. */
const INTERRUPT_MS = 2_000;

function refuse(answer: Answer): never {
  if (answer.kind === 'error') throw new SandboxError(answer.code, answer.message);
  throw new SandboxError('crashed', 'the sandbox gave an answer to another question');
}

function jsonOf(value: Json): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) {
      throw new SandboxError('too_large', 'the value nests too deep to be worked on', {
        cause: error,
      });
    }
    throw error;
  }
}

function valueOf(text: string): Json {
  const value: Json = JSON.parse(text);
  return value;
}
