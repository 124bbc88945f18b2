import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder of real recorded outputs that some tests use and this repository does not hold:
 * LLM_EVAL_SHARED_DATA, else `shared/data` beside the checkout.
 */
export const sharedData: string =
  process.env.LLM_EVAL_SHARED_DATA ||
  resolve(fileURLToPath(new URL('../../../shared/data', import.meta.url)));
