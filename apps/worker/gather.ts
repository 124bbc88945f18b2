interface Waiting<Input, Output> {
  input: Input;
  resolve: (output: Output) => void;
  reject: (error: unknown) => void;
}

/**
 * Lets what arrives while work under the same key is under way be done together, next: many small
 * batches then share the statements that one large batch has for itself. Each caller gets its own
 * answer. Where a group fails, each of it is tried alone, so that one does not fail the others.
 * @param work answers in the order of its inputs
 */
export function gather<Input, Output>(
  keyOf: (input: Input) => string,
  work: (inputs: readonly Input[]) => Promise<readonly Output[]>,
): (input: Input) => Promise<Output> {
  const waiting = new Map<string, Waiting<Input, Output>[]>();

  const settle = async (group: readonly Waiting<Input, Output>[]): Promise<void> => {
    try {
      const outputs = await work(group.map(({ input }) => input));
      for (const [index, { resolve, reject }] of group.entries()) {
        const output = outputs[index];
        if (output === undefined) reject(new Error('one of a group was left unanswered'));
        else resolve(output);
      }
    } catch (error) {
      if (group.length === 1) for (const { reject } of group) reject(error);
      else for (const one of group) await settle([one]);
    }
  };
  const goOn = async (key: string): Promise<void> => {
    for (let group; (group = waiting.get(key) ?? []).length > 0;) {
      // One turn, so that what arrives at the same moment as the first goes with it.
      await new Promise((resolve) => setImmediate(resolve));
      waiting.set(key, []);
      await settle(group);
    }
    waiting.delete(key);
  };

  return (input) =>
    new Promise((resolve, reject) => {
      const key = keyOf(input);
      const one = { input, resolve, reject };
      const group = waiting.get(key);
      if (group) {
        group.push(one);
      } else {
        waiting.set(key, [one]);
        void goOn(key);
      }
    });
}

/**
 * Does something once for all who ask while it is under way, and once more for those who came too
 * late for that: whoever asked knows that it began after the asking.
 */
export function coalesce(work: (key: string) => Promise<void>): (key: string) => Promise<void> {
  const underWay = new Map<string, { next: Promise<void> | undefined; now: Promise<void> }>();

  const begin = (key: string): Promise<void> => {
    const now = work(key).finally(() => {
      if (underWay.get(key)?.next === undefined) underWay.delete(key);
    });
    underWay.set(key, { now, next: undefined });
    return now;
  };

  return (key) => {
    const current = underWay.get(key);
    if (!current) return begin(key);
    const again = () => begin(key);
    current.next ??= current.now.then(again, again);
    return current.next;
  };
}
