import type { MetricDefinition } from '#libs/evaluation';
import { stepCount } from './step-count.ts';
import { toolCallF1 } from './tool-call-f1.ts';
import { toolCallMatch } from './tool-call-match.ts';

/** Metrics of the tools that were called. */
export const toolMetrics: readonly MetricDefinition[] = [toolCallMatch, toolCallF1, stepCount];
