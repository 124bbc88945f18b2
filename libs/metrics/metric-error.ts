import type { ErrorClass } from '#libs/contracts';

/**
 * A scorer's refusal in words that may be stored and shown: they carry no input and no output. What
 * any other exception says is not repeated, since the runtime quotes values in its messages.
 */
export class MetricError extends Error {
  override readonly name = 'MetricError';
  readonly class: ErrorClass;

  constructor(message: string, options: ErrorOptions & { class?: ErrorClass } = {}) {
    super(message, options);
    this.class = options.class ?? 'metric_error';
  }
}
