import type { ErrorClass, ErrorClassDescription } from '#libs/contracts';

const nothing = { heals: false, stopsRun: false };
const heals = { heals: true, stopsRun: false };
/** Nothing that this run does would change it: where every item has it, the run stops early. */
const stops = { heals: false, stopsRun: true };

const descriptions: Record<ErrorClass, Omit<ErrorClassDescription, 'class'>> = {
  template_error: {
    title: 'Template cannot be rendered',
    remedy:
      'The prompt, or the body of the request, names something that the item does not have. Give the item what is missing, or guard it with {% if %} or a default; then retry.',
    ...nothing,
  },
  not_configured: {
    title: 'Provider or secret is missing',
    remedy:
      'The run names a provider, a model setting or a secret that the project does not have (any more), or whose key can no longer be opened here. Add it again under the same name; then retry.',
    ...stops,
  },
  authentication: {
    title: 'Key refused',
    remedy: 'The provider or endpoint does not accept the key. Replace it; then retry.',
    ...stops,
  },
  permission_denied: {
    title: 'Not permitted',
    remedy:
      'The key is valid but may not do this: the model, region or endpoint is not enabled for it. Enable it, or use another key; then retry.',
    ...stops,
  },
  quota_exhausted: {
    title: 'Quota or credit used up',
    remedy: 'The account has no credit or quota left. Add some at the provider; then retry.',
    ...stops,
  },
  model_not_found: {
    title: 'No such model or address',
    remedy:
      'The provider does not know the model, or nothing is at that address. Check the spelling; clone the run with the right name.',
    ...stops,
  },
  invalid_request: {
    title: 'Request refused',
    remedy:
      'The other side refuses the request as it is: a parameter, tool or schema that it does not take. The message names it; clone the run with a change.',
    ...stops,
  },
  context_length: {
    title: 'Prompt too long',
    remedy:
      'The prompt, or the prompt and the output together, are longer than the model allows. Shorten the item or the prompt, or use a model with a longer context.',
    ...nothing,
  },
  content_filter: {
    title: 'Blocked by a content filter',
    remedy: 'The provider refused the prompt or its answer. Change the item, or use another model.',
    ...nothing,
  },
  rate_limited: {
    title: 'Rate limit',
    remedy:
      'The other side kept saying that there are too many calls. Set the limits of the provider to those of your account, or lower the concurrency; then retry.',
    ...heals,
  },
  server_error: {
    title: 'Error on the other side',
    remedy: 'The provider or endpoint failed, or was overloaded, every time. Retry later.',
    ...heals,
  },
  timeout: {
    title: 'No answer in time',
    remedy:
      'Give calls more time (timeoutMs) in a clone of the run, ask for shorter outputs, or retry later.',
    ...heals,
  },
  unreachable: {
    title: 'Cannot be reached',
    remedy:
      'Nothing accepts connections there, or they break. Check the address and that it runs; then retry.',
    ...heals,
  },
  address_refused: {
    title: 'Address not allowed',
    remedy:
      'The address, or one that it redirects to, is not of the public internet. Where that is meant, an operator adds it to OUTGOING_ALLOW; then retry.',
    ...stops,
  },
  invalid_response: {
    title: 'Answer cannot be read',
    remedy:
      'The answer is not in the form that was asked for: broken JSON, a missing field. Check the address and the kind of provider, or choose a judge’s model that keeps to a form; retry, since a cut connection looks the same.',
    ...heals,
  },
  response_too_large: {
    title: 'Answer too large',
    remedy: 'The answer is larger than is taken. Ask for less.',
    ...nothing,
  },
  output_missing: {
    title: 'No output',
    remedy:
      'There is no recorded output for the item, or nothing at the output path of the answer. Check the key or the path.',
    ...nothing,
  },
  recorded_error: {
    title: 'Recorded as failed',
    remedy: 'The recording holds an error for this item: it failed when it was recorded.',
    ...nothing,
  },
  client_error: {
    title: 'Your code failed',
    remedy: 'The code that was given the item answered with an error. Mend it; then retry.',
    ...nothing,
  },
  target_error: {
    title: 'Target failed',
    remedy: 'The target answered that it cannot do the item; its message says why.',
    ...nothing,
  },
  metric_error: {
    title: 'Metric broke',
    remedy: 'The metric could not judge the output; its reason says why.',
    ...nothing,
  },
  internal_error: {
    title: 'Failed unexpectedly',
    remedy: "A mistake of ours: the worker's log says more. Retry, and report it.",
    ...nothing,
  },
  worker_lost: {
    title: 'Worker lost',
    remedy:
      'Every worker that took the item was lost, as by running out of memory. Retry it when the cause is mended.',
    ...nothing,
  },
};

/** What a class of errors means, whether it heals by itself, and what to do about it. */
export const describeErrorClass = (errorClass: ErrorClass): ErrorClassDescription => ({
  class: errorClass,
  ...descriptions[errorClass],
});
