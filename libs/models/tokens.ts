/** Of a chat's frame: role and separators of a message. */
const TOKENS_PER_MESSAGE = 4;

/**
 * Roughly how many tokens a text has: a quarter of its bytes in UTF-8. That is near for English and
 * code, and gives scripts that take more tokens for each character more of them. For limits and
 * forecasts, where a real tokenizer would take longer than what it decides; costs come from what the
 * provider counted.
 */
export const estimateTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / 4);

/** Roughly how many tokens messages take in. */
export const estimatePromptTokens = (messages: readonly { content: string }[]): number =>
  messages.reduce((sum, { content }) => sum + estimateTokens(content) + TOKENS_PER_MESSAGE, 0);
