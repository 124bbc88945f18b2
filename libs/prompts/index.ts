export {
  createPrompt,
  createPromptVersion,
  deletePrompt,
  getPrompt,
  listPrompts,
  listPromptVersions,
  restorePrompt,
} from './prompts.ts';
