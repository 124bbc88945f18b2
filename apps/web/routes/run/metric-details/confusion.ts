import { z } from 'zod';
import type { Json } from '#libs/contracts';
import type { ConfusionMatrix } from '../../../components/confusion.ts';

const counts = z.array(z.array(z.number()));
const withMatrix = z
  .object({
    labels: z.array(z.string()).min(1),
    confusion: counts.optional(),
    matrix: counts.optional(),
  })
  .transform(({ labels, confusion, matrix }) => ({ labels, matrix: confusion ?? matrix ?? [] }))
  .refine(({ labels, matrix }) => matrix.length === labels.length);
const withClasses = z.object({
  classes: z.array(
    z.object({
      label: z.string(),
      precision: z.number().nullable(),
      recall: z.number().nullable(),
      f1: z.number().nullable(),
      support: z.number(),
    }),
  ),
});
const withNote = z.object({ note: z.string() });

export type ClassScores = z.infer<typeof withClasses>['classes'];

/** What details of a run have in them that a person can read better than JSON. */
export function readDetails(details: Json): {
  confusion: ConfusionMatrix | undefined;
  classes: ClassScores | undefined;
  note: string | undefined;
} {
  return {
    confusion: withMatrix.safeParse(details).data,
    classes: withClasses.safeParse(details).data?.classes,
    note: withNote.safeParse(details).data?.note,
  };
}
