import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CreateProvider } from '#libs/contracts';
import { openDatabase, sql, uuid, type Database } from '#libs/database';
import { createTestDatabase, type TestDatabase } from '#test/databases';
import { waitFor } from '#test/wait';
import { createProviders, resealAll, warnOfUnopened, type Providers } from './index.ts';

const OLD = 'an-old-key-of-the-installation-0001';
const NEW = 'a-new-key-of-the-installation-00002';
const KEY = 'sk-a-recognisable-key';
const page = { limit: 50 };

let testDatabase: TestDatabase;
let database: Database;
let providers: Providers;
beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await openDatabase({ url: testDatabase.url, poolMax: 4 });
  await database.migrate();
  providers = withKeys(OLD);
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

/** The providers as one more process has them, with keys of its own. */
const withKeys = (...secretKeys: string[]): Providers => createProviders({ database, secretKeys });

const openai: CreateProvider = { name: 'openai', kind: 'openai', credentials: { apiKey: KEY } };

describe('a provider', () => {
  test('is given to those who call with all that it was made of', async () => {
    const projectId = uuid();
    const given: CreateProvider = {
      name: 'local',
      kind: 'openai_compatible',
      credentials: { apiKey: KEY },
      baseUrl: 'http://127.0.0.1:11434/v1',
      requestsPerMinute: 600,
      prices: { m: { inputPerMillion: 1, outputPerMillion: 2 } },
    };
    const made = await providers.createProvider(projectId, given);
    expect(made).toMatchObject({ hasCredentials: true, requestsPerMinute: 600, region: null });
    expect(made.credentialsUpdatedAt).not.toBeNull();
    expect(await providers.provider(projectId, 'local')).toEqual({ id: made.id, ...given });
  });

  test('has a name of its own in its project', async () => {
    const projectId = uuid();
    await providers.createProvider(projectId, openai);
    await expect(providers.createProvider(projectId, openai)).rejects.toMatchObject({
      code: 'provider_exists',
    });
    await providers.createProvider(uuid(), openai);
  });

  test.each<[string, Partial<CreateProvider>, string]>([
    ['openai_compatible without an address', { kind: 'openai_compatible' }, 'baseUrl'],
    ['azure without a resource', { kind: 'azure_openai' }, 'resourceName'],
    ['bedrock without a region', { kind: 'bedrock' }, 'region'],
    [
      'bedrock elsewhere without a region',
      { kind: 'bedrock', baseUrl: 'https://bedrock.example.org' },
      'region',
    ],
    ['a region elsewhere', { region: 'us-east-1' }, 'region'],
    ['a password in the address', { baseUrl: 'https://u:p@host/v1' }, 'baseUrl'],
    ['a key in the address', { baseUrl: 'https://host/v1?key=1' }, 'baseUrl'],
    ['no address', { baseUrl: 'http://' }, 'baseUrl'],
    ['half of a pair of keys', { credentials: { accessKeyId: 'a' } }, 'credentials'],
    ['empty credentials', { credentials: {} }, 'credentials'],
    [
      'keys of AWS elsewhere',
      { credentials: { apiKey: 'k', accessKeyId: 'a', secretAccessKey: 's' } },
      'credentials',
    ],
  ])('is refused with %s, by field', async (_what, given, field) => {
    await expect(providers.createProvider(uuid(), { ...openai, ...given })).rejects.toMatchObject({
      kind: 'invalid',
      code: 'invalid_provider',
      errors: [{ field }],
    });
  });

  test.each<Partial<CreateProvider>>([
    { kind: 'azure_openai', resourceName: 'ours' },
    { kind: 'azure_openai', baseUrl: 'https://ours.example.org/openai' },
    { kind: 'bedrock', region: 'us-east-1', credentials: { apiKey: 'k' } },
    {
      kind: 'bedrock',
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 's', sessionToken: 't' },
    },
  ])('is taken as %j', async (given) => {
    const projectId = uuid();
    await providers.createProvider(projectId, { ...openai, ...given });
    const { credentials } = await providers.provider(projectId, openai.name);
    expect(credentials).toEqual(given.credentials ?? openai.credentials);
  });

  test('keeps what a change leaves out, and loses what is null', async () => {
    const projectId = uuid();
    const { id } = await providers.createProvider(projectId, {
      ...openai,
      requestsPerMinute: 60,
      tokensPerMinute: 1000,
    });
    const changed = await providers.updateProvider(projectId, id, { requestsPerMinute: null });
    expect(changed).toMatchObject({ requestsPerMinute: null, tokensPerMinute: 1000 });
    expect((await providers.provider(projectId, 'openai')).credentials).toEqual({ apiKey: KEY });
    await providers.updateProvider(projectId, id, { credentials: { apiKey: 'another' } });
    expect((await providers.provider(projectId, 'openai')).credentials.apiKey).toBe('another');
    const bare = await providers.updateProvider(projectId, id, { credentials: null });
    expect(bare).toMatchObject({ hasCredentials: false, credentialsUpdatedAt: null });
  });

  test('does not send its key to another address than it was given for', async () => {
    const projectId = uuid();
    const { id } = await providers.createProvider(projectId, openai);
    const baseUrl = 'https://elsewhere.example.org/v1';
    await expect(providers.updateProvider(projectId, id, { baseUrl })).rejects.toMatchObject({
      code: 'credentials_needed',
    });
    expect((await providers.getProvider(projectId, id)).baseUrl).toBeNull();
    const credentials = { apiKey: 'theirs' };
    await providers.updateProvider(projectId, id, { baseUrl, credentials });
    expect(await providers.provider(projectId, 'openai')).toMatchObject({ baseUrl, credentials });
  });

  test('is deleted with its key', async () => {
    const projectId = uuid();
    const { id } = await providers.createProvider(projectId, openai);
    await providers.provider(projectId, 'openai');
    await providers.deleteProvider(projectId, id);
    expect(await database.query(sql`select 1 from providers where id = ${id}`)).toEqual([]);
    await expect(providers.provider(projectId, 'openai')).rejects.toMatchObject({
      class: 'not_configured',
    });
    await expect(providers.deleteProvider(projectId, id)).rejects.toMatchObject({
      code: 'provider_not_found',
    });
  });

  test('is nothing to another project', async () => {
    const projectId = uuid();
    const { id } = await providers.createProvider(projectId, openai);
    const missing = { code: 'provider_not_found' };
    await expect(providers.getProvider(uuid(), id)).rejects.toMatchObject(missing);
    await expect(providers.updateProvider(uuid(), id, {})).rejects.toMatchObject(missing);
    await expect(providers.deleteProvider(uuid(), id)).rejects.toMatchObject(missing);
    await expect(providers.provider(uuid(), 'openai')).rejects.toMatchObject({
      class: 'not_configured',
    });
    expect((await providers.listProviders(projectId, page)).items).toHaveLength(1);
  });

  test('is listed by name, page by page', async () => {
    const projectId = uuid();
    for (const name of ['b', 'c', 'a']) {
      await providers.createProvider(projectId, { ...openai, name });
    }
    const first = await providers.listProviders(projectId, { limit: 2 });
    const cursor = first.nextCursor ?? '';
    const rest = await providers.listProviders(projectId, { limit: 2, cursor });
    expect([...first.items, ...rest.items].map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(rest.nextCursor).toBeNull();
  });
});

describe('a secret', () => {
  test('is created, given, replaced and deleted', async () => {
    const projectId = uuid();
    const made = await providers.createSecret(projectId, { name: 'TOKEN', value: 'one' });
    expect(Object.keys(made).toSorted()).toEqual(['createdAt', 'id', 'name', 'updatedAt']);
    expect(await providers.secret(projectId, 'TOKEN')).toBe('one');
    await providers.updateSecret(projectId, made.id, 'two');
    expect(await providers.secret(projectId, 'TOKEN')).toBe('two');
    expect((await providers.listSecrets(projectId, page)).items).toMatchObject([{ id: made.id }]);
    await providers.deleteSecret(projectId, made.id);
    await expect(providers.secret(projectId, 'TOKEN')).rejects.toMatchObject({
      class: 'not_configured',
      message: expect.stringContaining('"TOKEN"'),
    });
  });

  test('has a name of its own, and is nothing to another project', async () => {
    const projectId = uuid();
    const secret = { name: 'TOKEN', value: 'one' };
    const { id } = await providers.createSecret(projectId, secret);
    await expect(providers.createSecret(projectId, secret)).rejects.toMatchObject({
      code: 'secret_exists',
    });
    const missing = { code: 'secret_not_found' };
    await expect(providers.updateSecret(uuid(), id, 'x')).rejects.toMatchObject(missing);
    await expect(providers.deleteSecret(uuid(), id)).rejects.toMatchObject(missing);
  });
});

describe('those who call', () => {
  test('ask the tables once, however many they are', async () => {
    const projectId = uuid();
    await providers.createProvider(projectId, openai);
    let queries = 0;
    const counting: Database = {
      ...database,
      queryOne: (statement) => {
        queries += 1;
        return database.queryOne(statement);
      },
    };
    const counted = createProviders({ database: counting, secretKeys: [OLD] });
    const asked = Array.from({ length: 500 }, () => counted.provider(projectId, 'openai'));
    expect(
      new Set((await Promise.all(asked)).map(({ credentials }) => credentials.apiKey)),
    ).toEqual(new Set([KEY]));
    expect(queries).toBe(1);
  });

  test('use a key that another process replaced', async () => {
    const projectId = uuid();
    const { id } = await providers.createProvider(projectId, openai);
    const elsewhere = withKeys(OLD);
    expect((await elsewhere.provider(projectId, 'openai')).credentials.apiKey).toBe(KEY);
    await providers.updateProvider(projectId, id, { credentials: { apiKey: 'replaced' } });
    const replaced = await waitFor(async () => {
      const { credentials } = await elsewhere.provider(projectId, 'openai');
      return credentials.apiKey === KEY ? undefined : credentials.apiKey;
    });
    expect(replaced).toBe('replaced');
  });

  test('are told what to do where credentials are missing, but for kinds that may go without', async () => {
    const projectId = uuid();
    await providers.createProvider(projectId, { name: 'bare', kind: 'anthropic' });
    await expect(providers.provider(projectId, 'bare')).rejects.toMatchObject({
      class: 'not_configured',
      message: expect.stringMatching(/"bare" has no credentials: give it an apiKey/),
    });
    const baseUrl = 'http://127.0.0.1:11434/v1';
    await providers.createProvider(projectId, { name: 'own', kind: 'openai_compatible', baseUrl });
    expect((await providers.provider(projectId, 'own')).credentials).toEqual({});
  });

  test('are told what to do where the key of the installation is another one', async () => {
    const projectId = uuid();
    await providers.createProvider(projectId, openai);
    await providers.createSecret(projectId, { name: 'TOKEN', value: KEY });
    const refused = {
      class: 'not_configured',
      message: expect.stringMatching(/LLM_EVAL_SECRET_KEY: add that key/),
    };
    for (const other of [withKeys(NEW), withKeys()]) {
      await expect(other.provider(projectId, 'openai')).rejects.toMatchObject(refused);
      await expect(other.secret(projectId, 'TOKEN')).rejects.toMatchObject(refused);
    }
  });

  test('are told what to do where a sealed value was moved from another row or project', async () => {
    const [mine, theirs] = [uuid(), uuid()];
    await providers.createProvider(theirs, openai);
    await providers.createSecret(theirs, { name: 'TOKEN', value: KEY });
    await providers.createProvider(mine, { ...openai, credentials: { apiKey: 'mine' } });
    await providers.createSecret(mine, { name: 'TOKEN', value: 'mine' });
    await providers.createSecret(mine, { name: 'OTHER', value: 'mine' });
    await database.query(sql`
      update providers set sealed = t.sealed, key_id = t.key_id
      from (select * from providers where project_id = ${theirs}) t
      where providers.project_id = ${mine}`);
    await database.query(sql`
      update secrets set sealed = t.sealed, key_id = t.key_id
      from (select * from secrets where project_id = ${theirs}) t
      where secrets.project_id = ${mine} and secrets.name = 'TOKEN'`);
    await database.query(sql`
      update secrets set name = 'RENAMED' where project_id = ${mine} and name = 'OTHER'`);
    const refused = {
      class: 'not_configured',
      message: expect.stringMatching(/another row or project: enter the value again/),
    };
    const elsewhere = withKeys(OLD);
    await expect(elsewhere.provider(mine, 'openai')).rejects.toMatchObject(refused);
    await expect(elsewhere.secret(mine, 'TOKEN')).rejects.toMatchObject(refused);
    await expect(elsewhere.secret(mine, 'RENAMED')).rejects.toMatchObject(refused);
  });
});

test('a process says when it starts what it cannot decrypt', async () => {
  await database.query(sql`delete from providers`);
  await database.query(sql`delete from secrets`);
  const projectId = uuid();
  await providers.createProvider(projectId, openai);
  await providers.createProvider(projectId, { name: 'bare', kind: 'openai' });
  await providers.createSecret(projectId, { name: 'TOKEN', value: KEY });
  const told = async (...secretKeys: string[]) => {
    const said: unknown[] = [];
    const logger = { warn: (about: unknown) => void said.push(about) };
    await warnOfUnopened({ database, secretKeys, logger });
    return said;
  };
  const all = [{ keyId: expect.any(String), values: 2 }];
  expect(await told(NEW)).toEqual(all);
  expect(await told()).toEqual(all);
  expect(await told(NEW, OLD)).toEqual([]);
});

test('without a key of the installation only what needs one is refused', async () => {
  const keyless = withKeys();
  const projectId = uuid();
  const refused = {
    kind: 'conflict',
    code: 'no_secret_key',
    message: expect.stringContaining('LLM_EVAL_SECRET_KEY'),
  };
  await expect(keyless.createProvider(projectId, openai)).rejects.toMatchObject(refused);
  const { id } = await keyless.createProvider(projectId, { name: 'bare', kind: 'openai' });
  await expect(
    keyless.updateProvider(projectId, id, { credentials: { apiKey: KEY } }),
  ).rejects.toMatchObject(refused);
  await expect(
    keyless.createSecret(projectId, { name: 'TOKEN', value: 'x' }),
  ).rejects.toMatchObject(refused);
});

test('everything is sealed again under the first key, beside those who work with both', async () => {
  await database.query(sql`delete from providers`);
  await database.query(sql`delete from secrets`);
  const projectId = uuid();
  const { id } = await providers.createProvider(projectId, openai);
  const names = Array.from({ length: 130 }, (_, index) => `S${index}`);
  await Promise.all(
    names.map((name) => providers.createSecret(projectId, { name, value: `v-${name}` })),
  );
  const before = await providers.getProvider(projectId, id);
  const both = withKeys(NEW, OLD);

  const [one, two] = await Promise.all([
    resealAll(database, [NEW, OLD]),
    resealAll(database, [NEW, OLD]),
    both.updateProvider(projectId, id, { maxConcurrency: 7 }),
  ]);
  expect(one.resealed + two.resealed).toBe(131);
  expect(await resealAll(database, [NEW, OLD])).toEqual({ resealed: 0, unopened: [], left: 0 });

  const onlyNew = withKeys(NEW);
  expect((await onlyNew.provider(projectId, 'openai')).credentials.apiKey).toBe(KEY);
  const opened = await Promise.all(names.map((name) => onlyNew.secret(projectId, name)));
  expect(opened).toEqual(names.map((name) => `v-${name}`));
  const after = await providers.getProvider(projectId, id);
  expect(after.credentialsUpdatedAt).toBe(before.credentialsUpdatedAt);

  const lost = await resealAll(database, [OLD]);
  expect(lost).toMatchObject({ resealed: 0, left: 131 });
  expect(lost.unopened).toHaveLength(131);
  expect(lost.unopened[0]).toMatch(/provider "openai" .*LLM_EVAL_SECRET_KEY/);
});
