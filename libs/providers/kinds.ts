import {
  RequestError,
  type Problem,
  type ProviderCredentials,
  type ProviderKind,
} from '#libs/contracts';
import type { ProviderSettings } from '#libs/database';

/**
 * What a kind of provider must have, and what makes no sense for it.
 * @throws {RequestError} `invalid_provider`, naming each field and what to do
 */
export function checkProvider(
  kind: ProviderKind,
  settings: ProviderSettings,
  credentials: ProviderCredentials | undefined,
): void {
  const errors: NonNullable<Problem['errors']> = [];
  const wrong = (field: string, message: string) => errors.push({ field, message });

  const { baseUrl, region, resourceName, apiVersion } = settings;
  if (baseUrl !== undefined) {
    const problem = problemOfUrl(baseUrl);
    if (problem !== undefined) wrong('baseUrl', problem);
  }
  if (kind === 'openai_compatible' && baseUrl === undefined) {
    wrong('baseUrl', 'is needed: the address of the API, such as http://127.0.0.1:11434/v1');
  }
  if (kind === 'azure_openai' && baseUrl === undefined && resourceName === undefined) {
    wrong('resourceName', 'is needed, or a baseUrl: the name of the Azure OpenAI resource');
  }
  if (kind === 'bedrock' && region === undefined) {
    wrong(
      'region',
      'is needed, such as us-east-1; also with a baseUrl, since requests are signed for it',
    );
  }
  if (kind !== 'bedrock' && region !== undefined) wrong('region', 'is for bedrock only');
  if (kind !== 'azure_openai' && resourceName !== undefined) {
    wrong('resourceName', 'is for azure_openai only');
  }
  if (kind !== 'azure_openai' && apiVersion !== undefined) {
    wrong('apiVersion', 'is for azure_openai only');
  }

  if (credentials !== undefined) {
    const { apiKey, accessKeyId, secretAccessKey, sessionToken } = credentials;
    if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
      wrong('credentials', 'must have accessKeyId and secretAccessKey together');
    } else if (apiKey === undefined && accessKeyId === undefined) {
      wrong('credentials', `must have ${neededCredentials(kind)}`);
    } else if (kind !== 'bedrock' && (accessKeyId !== undefined || sessionToken !== undefined)) {
      wrong('credentials', 'must have an apiKey alone: the other fields are for bedrock');
    }
  }
  const [first] = errors;
  if (first === undefined) return;
  throw new RequestError(
    'invalid',
    'invalid_provider',
    `A provider of kind ${kind}: ${first.field} ${first.message}.`,
    errors,
  );
}

/** False where a call without credentials is sure to be refused. */
export function mayGoWithoutCredentials(kind: ProviderKind): boolean {
  return kind === 'openai_compatible';
}

/** In words. */
export const neededCredentials = (kind: ProviderKind): string =>
  kind === 'bedrock' ? 'an apiKey, or accessKeyId and secretAccessKey' : 'an apiKey';

/** Addresses are shown, and paths are put behind them: neither is a place for keys. */
function problemOfUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return 'must be an address such as https://models.example.org/v1';
  const { username, password, search, hash } = new URL(text);
  if (username !== '' || password !== '') {
    return 'must not hold a user or password: they belong into credentials';
  }
  if (search !== '' || hash !== '') return 'must end with its path, without ? or #';
  return undefined;
}
