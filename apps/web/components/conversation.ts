import { z } from 'zod';
import { json } from '#libs/contracts';

const message = z.looseObject({ role: z.string(), content: json });
export type Message = z.infer<typeof message>;

/** Messages as chat models are asked, and as many datasets hold what they were. */
export const conversation = z.union([
  z.array(message).min(1),
  z.strictObject({ messages: z.array(message).min(1) }).transform(({ messages }) => messages),
]);
