export { defineJudge, type Ask, type JudgeDefinition } from './define-judge.ts';
export { judgeOptions } from './options.ts';
export { definePrompts, ignoreLooks, materialIsData, type JudgePrompts } from './prompt.ts';
export type { Opinion } from './votes.ts';
