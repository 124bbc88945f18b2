import type { Json } from '#libs/contracts';
import { defineMetric } from '#libs/evaluation';
import { z } from 'zod';
import { excerpt, foldCase, sortOf } from '../values/text.ts';
import { Confusion, OTHER, type ClassifiedCase } from './confusion.ts';

/** Characters of a label; a longer text is none. */
const LABEL_MAX = 200;
const LABELS_MAX = 200;

const label = z
  .string()
  .min(1, 'must not be empty')
  .max(LABEL_MAX)
  .refine(
    (name) => name !== OTHER,
    `"${OTHER}" is what predictions outside of the labels are called`,
  );

/** Whether the predicted class is the expected one; over a run, how good the classifier is. */
export const classification = defineMetric({
  name: 'classification',
  title: 'Classification',
  family: 'structure',
  description:
    'Whether the output is the expected label; for the run as a whole accuracy, precision, recall and F1, agreement beyond chance, and the confusion matrix.',
  definition: `True when output and expected are the same label. Texts are labels, numbers and booleans stand for their JSON; with trim without white space at their ends, with ignoreCase folded (Unicode, no locale). With labels, a closed set, any other output is the label ${OTHER}, and wrong; without, every output is a label of its own, and so a class of its own. An output that is neither text, number nor boolean, or of more than ${LABEL_MAX} characters, is ${OTHER} too. Where expected is no such label, or none of labels, the metric is not applicable.

Of a run, with N scored cases, s the cases expected in a class, p those predicted, t those both: accuracy Σt / N; precision t / p, recall t / s, F1 2t / (p + s) of each class, 0 where that divides by 0; macro: the mean over classes; weighted: the mean weighted by s; micro: from the sums over classes. Classes are labels where given, else whatever was expected or predicted; ${OTHER} is a row and column of the matrix but no class of these means. Balanced accuracy: the mean recall over the classes that were expected. Matthews correlation: (N Σt − Σsp) / √((N² − Σp²)(N² − Σs²)), 0 where that divides by 0. Cohen's kappa: (a − e) / (1 − e) with a the accuracy and e = Σsp / N²; null where e is 1. The last two take ${OTHER} as a class. Null without a case. A case whose output lacks what extract or output point to counts as ${OTHER}. The details hold the classes with precision, recall, F1 and support, and the confusion matrix (rows expected, columns predicted). After the first ${LABELS_MAX} different labels all further ones are counted together as ${OTHER}, and the details say so.`,
  source:
    'scikit-learn, sklearn.metrics (precision_recall_fscore_support with zero_division=0, balanced_accuracy_score, matthews_corrcoef, cohen_kappa_score, confusion_matrix); J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20 (1960), 37–46; J. Gorodkin, "Comparing two K-category assignments by a K-category correlation coefficient", Computational Biology and Chemistry 28 (2004), 367–374.',
  kind: 'boolean',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: ['expected'],
  config: z.strictObject({
    labels: z
      .array(label)
      .min(2, 'must have at least two')
      .max(LABELS_MAX)
      .optional()
      .meta({ description: 'All labels there are; any other prediction is wrong' }),
    ignoreCase: z
      .boolean()
      .default(false)
      .meta({ description: 'Upper and lower case are the same' }),
    trim: z
      .boolean()
      .default(true)
      .meta({ description: 'Ignore white space at both ends of a label' }),
  }),
  examples: [
    { output: 'spam\n', expected: 'spam', value: true },
    { output: 'Spam', expected: 'spam', value: false },
    {
      config: { labels: ['spam', 'ham'], ignoreCase: true },
      output: 'Ham',
      expected: 'ham',
      value: true,
    },
    { config: { labels: ['spam', 'ham'] }, output: 'It is ham', expected: 'ham', value: false },
    { config: { labels: ['spam', 'ham'] }, output: 'ham', expected: 'eggs', value: null },
  ],
  runLevel: {
    values: [
      { name: 'accuracy', title: 'Accuracy', description: 'Share of cases with the right label' },
      ...(['macro', 'micro', 'weighted'] as const).flatMap((average) => [
        {
          name: `precision_${average}`,
          title: `Precision, ${average}`,
          description: `How often a predicted label is right, ${meaningOf(average)}`,
        },
        {
          name: `recall_${average}`,
          title: `Recall, ${average}`,
          description: `How often an expected label is found, ${meaningOf(average)}`,
        },
        {
          name: `f1_${average}`,
          title: `F1, ${average}`,
          description: `Harmonic mean of precision and recall, ${meaningOf(average)}`,
        },
      ]),
      {
        name: 'balanced_accuracy',
        title: 'Balanced accuracy',
        description: 'Mean recall over the classes that were expected',
      },
      {
        name: 'matthews_correlation',
        title: 'Matthews correlation',
        description: 'From −1 to 1; 0 is no better than chance',
      },
      {
        name: 'cohens_kappa',
        title: "Cohen's kappa",
        description: 'Agreement beyond chance: 1 is perfect, 0 is chance',
      },
    ],
    missing: null,
    start({ labels, ...options }) {
      const confusion = new Confusion(LABELS_MAX, labels && [...namesOf(labels, options).values()]);
      return {
        add(details) {
          const read = classified.safeParse(details);
          if (read.success) confusion.add(read.data);
        },
        result: () => confusion.result(),
      };
    },
  },
  prepare({ labels, ...options }) {
    const names = labels && namesOf(labels, options);
    const labelOf = (value: Json): string | null => {
      const text = textOfLabel(value, options);
      return text === null || !names ? text : (names.get(text) ?? null);
    };
    return ({ output, expected = null }) => {
      const wanted = labelOf(expected);
      if (wanted === null) {
        const reason = names
          ? `expected ${excerpt(expected)} is none of the labels`
          : `expected is ${sortOf(expected)} that can be no label`;
        return { outcome: 'not_applicable', reason };
      }
      const predicted = labelOf(output);
      const value = predicted === wanted;
      return {
        outcome: 'scored',
        value,
        ...(!value && {
          reason: `got ${excerpt(output)}${predicted === null ? ', which is none of the labels' : ''}, expected ${excerpt(wanted)}`,
        }),
        details: { expected: wanted, predicted },
      };
    };
  },
});

/** What a case adds to the run; null: none of the labels. */
const classified = z.object({
  expected: z.string(),
  predicted: z.string().nullable(),
}) satisfies z.ZodType<ClassifiedCase>;

interface LabelOptions {
  ignoreCase: boolean;
  trim: boolean;
}

/** The labels by the texts that stand for them; of two that are the same by the options, the first. */
function namesOf(labels: readonly string[], options: LabelOptions): Map<string, string> {
  const names = new Map<string, string>();
  for (const name of labels) {
    const text = textOfLabel(name, options) ?? name;
    if (!names.has(text)) names.set(text, name);
  }
  return names;
}

function textOfLabel(value: Json, { ignoreCase, trim }: LabelOptions): string | null {
  if (value === null || typeof value === 'object') return null;
  const text = trim ? String(value).trim() : String(value);
  if (text.length > LABEL_MAX) return null;
  return ignoreCase ? foldCase(text) : text;
}

function meaningOf(average: 'macro' | 'micro' | 'weighted'): string {
  return {
    macro: 'as the mean over classes',
    micro: 'over all cases together',
    weighted: 'as the mean over classes, by how often each was expected',
  }[average];
}
