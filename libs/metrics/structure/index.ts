import type { MetricDefinition } from '#libs/evaluation';
import { classification } from './classification.ts';
import { codeValidity } from './code-validity.ts';
import { dateFormat } from './date-format.ts';
import { emailFormat } from './email-format.ts';
import { jsonDifference } from './json-difference.ts';
import { jsonSchema } from './json-schema.ts';
import { jsonValidity } from './json-validity.ts';
import { listOverlap } from './list-overlap.ts';
import { numericMatch } from './numeric-match.ts';
import { sqlValidity } from './sql-validity.ts';
import { urlFormat } from './url-format.ts';
import { xmlValidity } from './xml-validity.ts';

/** Metrics of outputs that have a form: numbers, JSON, lists, code, classes. */
export const structureMetrics: readonly MetricDefinition[] = [
  numericMatch,
  classification,
  listOverlap,
  jsonValidity,
  jsonSchema,
  jsonDifference,
  xmlValidity,
  sqlValidity,
  codeValidity,
  urlFormat,
  emailFormat,
  dateFormat,
];
