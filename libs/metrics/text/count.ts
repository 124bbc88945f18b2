/** In the definitions of counts. */
export const uncounted = 'An output that is not a text is counted as compact JSON.';
export const segmentation =
  'Unicode Standard Annex 29, "Unicode Text Segmentation", as ICU implements it for the language (Intl.Segmenter)';

/** What all counts have in common: neither more nor less is better, so a threshold says what passes. */
export const count = {
  family: 'text',
  kind: 'numeric',
  range: { min: 0, max: null },
  direction: 'none',
  needs: [],
} as const;
