import { usageMetrics, type HeldRun, type VerdictOutcome } from '#libs/contracts';

const usage: ReadonlySet<string> = new Set(usageMetrics);

/** Whether it is about what the target spent rather than how good it was. */
export const isUsage = (metric: string): boolean => usage.has(metric);

/** Bad news first; what is not decided is no news. */
const told = ['worse', 'different', 'better'] as const satisfies readonly VerdictOutcome[];

/** The verdicts that say something, each with the metrics that it is about. */
export const findings = (
  verdicts: HeldRun['verdicts'],
): { outcome: (typeof told)[number]; metrics: string[] }[] =>
  told.flatMap((outcome) => {
    const metrics = verdicts.filter((one) => one.outcome === outcome).map(({ metric }) => metric);
    return metrics.length === 0 ? [] : [{ outcome, metrics }];
  });
