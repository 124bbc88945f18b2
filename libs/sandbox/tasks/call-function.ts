import {
  newQuickJSWASMModuleFromVariant,
  Scope,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core';
import { bounded, TaskError } from '../messages.ts';

const STACK_BYTES = 256 * 1024;
const PAGE_BYTES = 65_536;
const RESULT_MAX = 200_000;
const RESULT_DEPTH_MAX = 100;
/** Jobs that are run before the time is looked at again. */
const JOBS_AT_ONCE = 1_000;

let engine: Engine | undefined;

/**
 * What is taken from the realm before the user's code can change it. Of values that JSON has no
 * notation for, JSON.stringify makes null or nothing; a score must not be lost that way.
 */
const prelude = `(() => {
  const { parse, stringify } = JSON;
  const { isFinite } = Number;
  const text = String;
  const refuse = (what) => { throw what + ' has no JSON'; };
  const check = (key, value) => {
    const sort = typeof value;
    if (sort === 'number') return isFinite(value) ? value : refuse(text(value));
    if (sort === 'function' || sort === 'symbol' || sort === 'bigint') return refuse('a ' + sort);
    return value;
  };
  const describe = (error) => {
    if (typeof error !== 'object' || error === null) return typeof error === 'symbol' || typeof error === 'function' ? 'a ' + typeof error : text(error);
    const { name, message } = error;
    return typeof message === 'string' ? (typeof name === 'string' && name !== '' ? name + ': ' : '') + message : 'an object';
  };
  return { parse, stringify: (value) => stringify(value, check), describe };
})()`;

/**
 * Calls a user's function with a JSON argument in a fresh realm of QuickJS, which has no way out: no
 * modules, no timers, no console. Time is that of the processor, so that a busy machine fails nobody.
 *
 * @returns JSON; null where the function returned undefined
 * @throws {TaskError}
 */
export async function callFunction(call: {
  code: string;
  argument: string;
  timeMs: number;
  memoryBytes: number;
}): Promise<string> {
  engine ??= await Engine.start();
  const { bytes } = engine;
  let sound = false;
  const runtime = engine.newRuntime(call.memoryBytes);
  try {
    const context = runtime.newContext();
    const scope = new Scope();
    const text = new Call(runtime, context, scope, call.timeMs).run(call.code, call.argument);
    scope.dispose();
    context.dispose();
    runtime.dispose();
    sound = engine.bytes === bytes;
    return text;
  } finally {
    // After a failure the realm may hold half of anything, and memory that grew does not shrink.
    // A new engine takes 3 ms.
    if (!sound) engine = undefined;
  }
}

/**
 * QuickJS, with a memory that grows only as far as it is told. The engine's own limit holds for each
 * allocation alone, since it does not learn how large the others are; where its memory cannot grow,
 * allocating fails in the same way.
 */
class Engine {
  readonly #module: QuickJSWASMModule;
  readonly #memory: {
    readonly buffer: { readonly byteLength: number };
    grow(pages: number): number;
  };
  #bytesMax: number;

  static async start(): Promise<Engine> {
    const variant = import('@jitl/quickjs-ng-wasmfile-release-sync');
    return new Engine(await newQuickJSWASMModuleFromVariant(variant));
  }

  private constructor(module: QuickJSWASMModule) {
    this.#module = module;
    this.#memory = module.getWasmMemory();
    this.#bytesMax = this.bytes;
    const grow = this.#memory.grow.bind(this.#memory);
    this.#memory.grow = (pages) => {
      if (this.bytes + pages * PAGE_BYTES > this.#bytesMax) throw new RangeError('no more memory');
      return grow(pages);
    };
  }

  get bytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /** @param memoryBytes what it may take beyond what it has already */
  newRuntime(memoryBytes: number): QuickJSRuntime {
    this.#bytesMax = this.bytes + memoryBytes;
    return this.#module.newRuntime({
      memoryLimitBytes: memoryBytes,
      maxStackSizeBytes: STACK_BYTES,
    });
  }
}

type Blame = 'thrown' | 'syntax' | 'result';

class Call {
  readonly #runtime: QuickJSRuntime;
  readonly #context: QuickJSContext;
  readonly #scope: Scope;
  readonly #expired: () => boolean;
  readonly #own: { parse: QuickJSHandle; stringify: QuickJSHandle; describe: QuickJSHandle };

  constructor(runtime: QuickJSRuntime, context: QuickJSContext, scope: Scope, timeMs: number) {
    this.#runtime = runtime;
    this.#context = context;
    this.#scope = scope;
    const result = context.evalCode(prelude, 'prelude', { type: 'global' });
    if (result.error) throw outOfMemory();
    const own = scope.manage(result.value);
    const named = (name: string) => scope.manage(context.getProp(own, name));
    this.#own = {
      parse: named('parse'),
      stringify: named('stringify'),
      describe: named('describe'),
    };
    const start = process.threadCpuUsage();
    this.#expired = () => {
      const { user, system } = process.threadCpuUsage(start);
      return user + system > timeMs * 1000;
    };
    runtime.setInterruptHandler(this.#expired);
  }

  run(code: string, argument: string): string {
    const text = this.#scope.manage(this.#context.newString(argument));
    const given = this.#call(this.#own.parse, text, 'thrown');
    const returned = this.#call(this.#compile(code), given, 'thrown');
    const json = this.#call(this.#own.stringify, this.#settle(returned), 'result');
    return this.#context.typeof(json) === 'string'
      ? requireBounded(this.#context.getString(json))
      : 'null';
  }

  /** The code is a module, or the function that is its default export. */
  #compile(code: string): QuickJSHandle {
    const whole = this.#context.evalCode(`export default ${code}`, 'code', { type: 'module' });
    let module;
    if (whole.error && /\bexport\b/.test(code)) {
      whole.error.dispose();
      module = this.#unwrap(this.#context.evalCode(code, 'code', { type: 'module' }), 'syntax');
    } else module = this.#unwrap(whole, 'syntax');
    const exported = this.#context.getProp(this.#settle(module), 'default');
    const found = this.#scope.manage(exported);
    if (this.#context.typeof(found) !== 'function') {
      throw new TaskError(
        'syntax',
        'the code must be a function, such as ({ output, expected }) => output === expected, or a module with export default function',
      );
    }
    return found;
  }

  /** The value of a promise, once it has one; any other value as it is. */
  #settle(value: QuickJSHandle): QuickJSHandle {
    let state = this.#context.getPromiseState(value);
    while (state.type === 'pending' && this.#runtime.hasPendingJob()) {
      const done = this.#runtime.executePendingJobs(JOBS_AT_ONCE);
      if (done.error) this.#fail(done.error, 'thrown');
      if (this.#expired()) throw tooLong();
      state = this.#context.getPromiseState(value);
    }
    if (state.type === 'pending') {
      throw new TaskError('result', 'the promise that the function returned never settles');
    }
    if (state.type === 'rejected') this.#fail(state.error, 'thrown');
    return this.#scope.manage(state.value);
  }

  #call(callee: QuickJSHandle, argument: QuickJSHandle, blame: Blame): QuickJSHandle {
    return this.#unwrap(
      this.#context.callFunction(callee, this.#context.undefined, argument),
      blame,
    );
  }

  #unwrap(result: ReturnType<QuickJSContext['evalCode']>, blame: Blame): QuickJSHandle {
    return result.error ? this.#fail(result.error, blame) : this.#scope.manage(result.value);
  }

  #fail(error: QuickJSHandle, blame: Blame): never {
    if (this.#expired()) throw tooLong();
    const said = this.#describe(error);
    if (this.#expired()) throw tooLong();
    // The engine throws null where there is no room for an error.
    if (said === 'null' || said === 'InternalError: out of memory') throw outOfMemory();
    if (blame === 'result') throw new TaskError('result', `the result is no JSON: ${said}`);
    if (blame === 'syntax' && said.startsWith('SyntaxError')) {
      throw new TaskError('syntax', `the code does not run: ${said}`);
    }
    throw new TaskError('thrown', `the function threw ${said}`);
  }

  #describe(error: QuickJSHandle): string {
    const { describe } = this.#own;
    const result = this.#context.callFunction(describe, this.#context.undefined, error);
    if (result.error) return 'an object';
    return bounded(this.#context.getString(result.value));
  }
}

function requireBounded(json: string): string {
  if (json.length > RESULT_MAX) {
    throw new TaskError('result', `the result is longer than ${RESULT_MAX} characters of JSON`);
  }
  if (nestsDeeper(json, RESULT_DEPTH_MAX)) {
    throw new TaskError('result', `the result nests deeper than ${RESULT_DEPTH_MAX}`);
  }
  return json;
}

const outOfMemory = () =>
  new TaskError('memory', 'the function needs more memory than it may have (or threw null)');

const tooLong = () => new TaskError('timeout', 'the function takes longer than it may');

/** Of JSON text, with the brackets in its strings left out. */
function nestsDeeper(json: string, maximum: number): boolean {
  let depth = 0;
  let quoted = false;
  for (let place = 0; place < json.length; place += 1) {
    const character = json[place];
    if (quoted) {
      if (character === '\\') place += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    if (depth > maximum) return true;
  }
  return false;
}
