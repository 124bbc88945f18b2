import { RequestError, type TemplateContent } from '#libs/contracts';
import { checkMetricSpecs, MetricSpecError } from '#libs/metrics';
import { compilePrompt, TemplateError } from '#libs/templating';
import { withModels } from './models.ts';

/**
 * Sees to it that a template can be used: its prompt is Liquid, its metrics exist and are configured as
 * they can be. Its JSON Schemas are checked by whoever has a sandbox.
 * @throws {RequestError} `invalid_template` naming each field that is wrong
 */
export function checkTemplate(content: TemplateContent): void {
  const errors: { field: string; message: string; line?: number }[] = [];
  try {
    compilePrompt(content.prompt);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const { path, line, what } = error;
    errors.push({
      field: path === '' ? 'content.prompt' : `content.prompt.${path}`,
      message: what,
      ...(line !== undefined && { line }),
    });
  }
  try {
    checkMetricSpecs(withModels(content.metrics, () => ({ provider: 'any', model: 'any' })));
  } catch (error) {
    if (!(error instanceof MetricSpecError)) throw error;
    errors.push(
      ...error.errors.map(({ field, message }) => ({ field: `content.${field}`, message })),
    );
  }
  const [first] = errors;
  if (first) {
    throw new RequestError(
      'invalid',
      'invalid_template',
      `${first.field}: ${first.message}`,
      errors,
    );
  }
}
