export { atPath, contextDefinition, contextOption, pathOption, withPassages } from './context.ts';
export {
  answersAreLast,
  answersIn,
  conversationDefinition,
  conversationOf,
  transcriptOf,
  type Turn,
} from './conversation.ts';
export { defineJudge, type Ask, type AskOnce, type JudgeDefinition } from './define-judge.ts';
export {
  asDetail,
  findings,
  findingsAreFew,
  findingsDefinition,
  findingsOf,
  foundIn,
  judgedShare,
  shareOf,
  verdictForm,
  verdictsOn,
  type Finding,
} from './findings.ts';
export { caseShown, itemVariables, materialOf, textOrNull } from './material.ts';
export { judgeOptions, ownWords } from './options.ts';
export { planDefinition, planOf, planOption } from './plan.ts';
export { definePrompts, ignoreLooks, materialIsData, type JudgePrompts } from './prompt.ts';
export { trajectoryDefinition, trajectoryOf } from './trajectory.ts';
export type { Opinion } from './votes.ts';
