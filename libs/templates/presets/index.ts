import { chatSafety } from './chat-safety.ts';
import { classification } from './classification.ts';
import { codeGeneration } from './code-generation.ts';
import type { Preset } from './define-preset.ts';
import { extraction } from './extraction.ts';
import { general } from './general.ts';
import { questionAnswering } from './question-answering.ts';
import { rag } from './rag.ts';
import { summarisation } from './summarisation.ts';
import { toolUse } from './tool-use.ts';
import { translation } from './translation.ts';

export type { Preset } from './define-preset.ts';

/** In the order in which people are offered them. */
export const presets: readonly Preset[] = [
  questionAnswering,
  summarisation,
  classification,
  rag,
  codeGeneration,
  extraction,
  chatSafety,
  translation,
  toolUse,
  general,
];
