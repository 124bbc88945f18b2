export { defineJudge, type Ask, type AskOnce, type JudgeDefinition } from './define-judge.ts';
export { itemVariables, materialOf, textOrNull } from './material.ts';
export { judgeOptions } from './options.ts';
export { definePrompts, ignoreLooks, materialIsData, type JudgePrompts } from './prompt.ts';
export type { Opinion } from './votes.ts';
