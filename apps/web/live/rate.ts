export interface Sample {
  at: number;
  done: number;
}

const span = 15_000;
/** Less than this says more about the network than about the run. */
const least = 2_000;

/** Adds what a snapshot said. A count that fell (a retry opened items again) starts over. */
export function addSample(samples: readonly Sample[], sample: Sample): Sample[] {
  const last = samples.at(-1);
  if (last && sample.done < last.done) return [sample];
  const firstInSpan = samples.findIndex((one) => one.at >= sample.at - span);
  // One sample from before the span stays: it is where the span begins.
  const kept = firstInSpan === -1 ? samples.slice(-1) : samples.slice(Math.max(0, firstInSpan - 1));
  return [...kept, sample];
}

/** Items a second over the last moments, up to now; undefined before two samples tell. */
export function rateOf(samples: readonly Sample[], now: number): number | undefined {
  const last = samples.at(-1);
  const first = samples.find((one) => one.at >= now - span) ?? last;
  if (!first || !last || samples.length < 2) return undefined;
  if (first === last) return now - last.at > span ? 0 : undefined;
  if (Math.max(now, last.at) - first.at < least) return undefined;
  return ((last.done - first.done) * 1000) / (Math.max(now, last.at) - first.at);
}
