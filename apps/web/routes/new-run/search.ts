import { z } from 'zod';

const text = z.coerce.string().min(1).max(200).optional().catch(undefined);

/** From what a new run begins: a dataset, an earlier run, a template, a prompt of the project. */
export const newRunSearch = z.object({
  dataset: text,
  clone: text,
  template: text,
  prompt: text,
});
export type NewRunSearch = z.infer<typeof newRunSearch>;
