import { answerCorrectness } from './answer-correctness.ts';
import { closedQa } from './closed-qa.ts';
import { factuality } from './factuality.ts';
import { judgeChoice } from './judge-choice.ts';
import { judgeCustom } from './judge-custom.ts';
import { judgeYesNo } from './judge-yes-no.ts';
import { pairwisePreference } from './pairwise-preference.ts';
import { rubric } from './rubric.ts';

/** Metrics whose verdict is a model's, in the order in which people are offered them. */
export const judgeMetrics = [
  rubric,
  closedQa,
  factuality,
  answerCorrectness,
  pairwisePreference,
  judgeYesNo,
  judgeChoice,
  judgeCustom,
];
