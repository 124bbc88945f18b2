import { closedQa } from './closed-qa.ts';

/** Metrics whose verdict is a model's, in the order in which people are offered them. */
export const judgeMetrics = [closedQa];
