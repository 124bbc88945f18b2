/** Lets many work side by side, or one alone; whoever asked first is served first. */
export interface Gate {
  together<Result>(work: () => Promise<Result>): Promise<Result>;
  alone<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** A gate for the work of this process. */
export function createGate(): Gate {
  let turn: Promise<unknown> = Promise.resolve();
  const atWork = new Set<Promise<unknown>>();

  return {
    async together(work) {
      for (let seen; seen !== turn;) {
        seen = turn;
        await seen;
      }
      const running = work();
      const settled = running.then(
        () => {},
        () => {},
      );
      atWork.add(settled);
      try {
        return await running;
      } finally {
        atWork.delete(settled);
      }
    },
    async alone(work) {
      const before = turn;
      const running = (async () => {
        await before;
        while (atWork.size > 0) await Promise.all(atWork);
        return work();
      })();
      turn = running.then(
        () => {},
        () => {},
      );
      return running;
    },
  };
}
