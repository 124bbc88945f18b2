import { agentGoalAccuracy } from './agent-goal-accuracy.ts';
import { answerCorrectness } from './answer-correctness.ts';
import { answerRelevancy } from './answer-relevancy.ts';
import { bias } from './bias.ts';
import { closedQa } from './closed-qa.ts';
import { contextPrecision } from './context-precision.ts';
import { contextRecall } from './context-recall.ts';
import { contextRelevancy } from './context-relevancy.ts';
import { conversationCoherence } from './conversation-coherence.ts';
import { factuality } from './factuality.ts';
import { faithfulness } from './faithfulness.ts';
import { goalReached } from './goal-reached.ts';
import { hallucination } from './hallucination.ts';
import { instructionFollowing } from './instruction-following.ts';
import { judgeChoice } from './judge-choice.ts';
import { judgeCustom } from './judge-custom.ts';
import { judgeYesNo } from './judge-yes-no.ts';
import { pairwisePreference } from './pairwise-preference.ts';
import { planAdherence } from './plan-adherence.ts';
import { planQuality } from './plan-quality.ts';
import { roleAdherence } from './role-adherence.ts';
import { rubric } from './rubric.ts';
import { summarisation } from './summarisation.ts';
import { toxicity } from './toxicity.ts';

/** Metrics whose verdict is a model's, in the order in which people are offered them. */
export const judgeMetrics = [
  rubric,
  closedQa,
  factuality,
  answerCorrectness,
  pairwisePreference,
  faithfulness,
  answerRelevancy,
  contextPrecision,
  contextRecall,
  contextRelevancy,
  hallucination,
  toxicity,
  bias,
  summarisation,
  instructionFollowing,
  conversationCoherence,
  roleAdherence,
  goalReached,
  agentGoalAccuracy,
  planQuality,
  planAdherence,
  judgeYesNo,
  judgeChoice,
  judgeCustom,
];
