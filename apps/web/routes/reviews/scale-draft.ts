import { humanScale, type HumanScale } from '#libs/contracts';

export interface CategoryDraft {
  id: string;
  name: string;
  description: string;
}

/** A scale as its form has it: texts, of which not all need to be right yet. */
export interface ScaleDraft {
  kind: HumanScale['kind'];
  categories: CategoryDraft[];
  ordered: boolean;
  min: string;
  max: string;
  step: string;
}

export const newCategory = (name = ''): CategoryDraft => ({
  id: crypto.randomUUID(),
  name,
  description: '',
});

export const newScale = (): ScaleDraft => ({
  kind: 'boolean',
  categories: [newCategory(), newCategory()],
  ordered: false,
  min: '1',
  max: '5',
  step: '1',
});

/** The scale, or what is missing in one sentence. */
export function readScale(draft: ScaleDraft): { scale: HumanScale } | { fault: string } {
  const read = humanScale.safeParse(asTyped(draft));
  if (read.success) return { scale: read.data };
  const [issue] = read.error.issues;
  const [part, index] = issue?.path ?? [];
  if (part === 'categories' && typeof index === 'number') {
    return { fault: `Name category ${index + 1}.` };
  }
  const message = issue?.message ?? 'is not complete';
  return { fault: part === undefined ? message : `${String(part)}: ${message}` };
}

function asTyped({ kind, categories, ordered, min, max, step }: ScaleDraft): unknown {
  if (kind === 'boolean') return { kind };
  if (kind === 'categorical') {
    return {
      kind,
      ordered,
      categories: categories.map(({ name, description }) => ({
        name: name.trim(),
        ...(description.trim() !== '' && { description: description.trim() }),
      })),
    };
  }
  return {
    kind,
    min: numberOf(min),
    max: numberOf(max),
    step: step.trim() === '' ? null : numberOf(step),
  };
}

const numberOf = (text: string): number | undefined => {
  const value = Number(text.trim().replace(',', '.'));
  return text.trim() === '' || !Number.isFinite(value) ? undefined : value;
};
