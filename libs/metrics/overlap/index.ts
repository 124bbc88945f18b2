import type { MetricDefinition } from '#libs/evaluation';
import { bleu } from './bleu.ts';
import { chrf } from './chrf.ts';
import { gleu } from './gleu.ts';
import { rouge1 } from './rouge-1.ts';
import { rouge2 } from './rouge-2.ts';
import { rougeL } from './rouge-l.ts';
import { rougeLsum } from './rouge-lsum.ts';
import { squadExactMatch } from './squad-exact-match.ts';
import { squadF1 } from './squad-f1.ts';

/** Metrics of how far a text is the same as its references. */
export const overlapMetrics: readonly MetricDefinition[] = [
  squadExactMatch,
  squadF1,
  bleu,
  chrf,
  gleu,
  rouge1,
  rouge2,
  rougeL,
  rougeLsum,
];
