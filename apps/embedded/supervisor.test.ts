import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import {
  allGone,
  cleanUp,
  freshHome,
  preparedHome,
  removeTemplate,
  postmasterPid,
  startInstance,
  until,
} from './fixtures/harness.ts';
import { isAlive } from './processes.ts';

afterEach(cleanUp, 60_000);
afterAll(removeTemplate);

/** What the fixture worker noted in the tables, read while an instance runs. */
async function notes(home: string): Promise<string[]> {
  const folder = join(home, 'postgres');
  const read = (file: string) => readFileSync(join(folder, file), 'utf8').trim();
  const at = `127.0.0.1:${read('llm-eval.port')}/llm_eval`;
  const client = new Client(`postgresql://llm_eval:${read('llm-eval.password')}@${at}`);
  client.on('error', () => {}); // PostgreSQL may be about to be killed.
  await client.connect();
  const { rows } = await client.query<{ what: string }>('SELECT what FROM notes ORDER BY at');
  await client.end();
  return rows.map(({ what }) => what);
}

describe('an ordered stop', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('on %s leaves no process', async (signal) => {
    const home = await preparedHome();
    const instance = startInstance(home);
    await instance.ready();
    const { all } = instance.processes();
    expect(all).toHaveLength(5);
    instance.process.kill(signal);
    expect(await instance.exitCode()).toBe(0);
    expect(all.some(isAlive)).toBe(false);
    expect(instance.stderr()).toBe('');
  });

  test('lets the services store what they have in hand', async () => {
    const home = await preparedHome();
    const first = startInstance(home, { FIXTURE_STOP_MS: '300' });
    await first.ready();
    first.process.kill('SIGTERM');
    expect(await first.exitCode()).toBe(0);
    await startInstance(home).ready();
    expect(await notes(home)).toEqual(['started', 'stopped', 'started']);
  });

  test('takes a repeated signal of the same Ctrl-C for one', async () => {
    const home = await preparedHome();
    const first = startInstance(home, { FIXTURE_STOP_MS: '300' });
    await first.ready();
    first.process.kill('SIGINT');
    first.process.kill('SIGINT');
    expect(await first.exitCode()).toBe(0);
    await startInstance(home).ready();
    expect(await notes(home)).toContain('stopped');
  });

  test('ends a service that hangs by force', async () => {
    const environment = { FIXTURE_WORKER: 'hang', SHUTDOWN_DEADLINE_MS: '500' };
    const instance = startInstance(await preparedHome(), environment);
    await instance.ready();
    const { all } = instance.processes();
    instance.process.kill('SIGTERM');
    expect(await instance.exitCode()).toBe(0);
    expect(all.some(isAlive)).toBe(false);
  });

  test('works while it is still starting', async () => {
    const instance = startInstance(freshHome());
    await until(() => instance.stdout().includes('starting'), 'the start');
    const guardian = await until(() => instance.guardian(), 'the guardian');
    instance.process.kill('SIGTERM');
    expect(await instance.exitCode()).toBe(0);
    expect(isAlive(guardian)).toBe(false);
    expect(instance.stderr()).toBe('');
  });
});

describe('a kill -9', () => {
  test('of the supervisor ends everything, after the services have stored their work', async () => {
    const home = await preparedHome();
    const first = startInstance(home, { FIXTURE_STOP_MS: '300' });
    await first.ready();
    const { all } = first.processes();
    first.process.kill('SIGKILL');
    await allGone(all);
    const second = startInstance(home);
    await second.ready();
    expect(await notes(home)).toEqual(['started', 'stopped', 'started']);
  });

  test('of the supervisor does not keep the next start from taking over at once', async () => {
    const home = await preparedHome();
    const first = startInstance(home, { FIXTURE_STOP_MS: '500' });
    await first.ready();
    const { all } = first.processes();
    first.process.kill('SIGKILL');
    const second = startInstance(home);
    await second.ready();
    expect(all.some(isAlive)).toBe(false);
  });

  test('of supervisor and guardian leaves a PostgreSQL that the next start stops', async () => {
    const home = await preparedHome();
    const first = startInstance(home);
    await first.ready();
    const { all, guardian } = first.processes();
    first.process.kill('SIGKILL');
    process.kill(guardian.pid, 'SIGKILL');
    const orphan = postmasterPid(home);
    await startInstance(home).ready();
    expect(all.some(isAlive)).toBe(false);
    expect(postmasterPid(home)).not.toBe(orphan);
  });

  test.each(['guardian', 'PostgreSQL'])(
    'of the %s alone is healed while running',
    async (victim) => {
      const home = await preparedHome();
      const instance = startInstance(home);
      await instance.ready();
      const before = postmasterPid(home);
      const { guardian } = instance.processes();
      process.kill(victim === 'guardian' ? guardian.pid : before, 'SIGKILL');
      await until(async () => {
        try {
          return (await notes(home)).length === 1 && postmasterPid(home) !== before;
        } catch {
          return false;
        }
      }, 'PostgreSQL');
      expect(instance.stderr()).toContain('[postgres]');
    },
  );

  test('of the npm that runs it stops everything in order', async () => {
    const home = await preparedHome();
    const npm = startInstance(home, { FIXTURE_STOP_MS: '300' }, true);
    await npm.ready();
    const { all } = npm.processes();
    npm.process.kill('SIGKILL');
    await allGone(all);
    await startInstance(home).ready();
    expect(await notes(home)).toEqual(['started', 'stopped', 'started']);
  });

  test('of a service starts it again, at the same address', async () => {
    const home = await preparedHome();
    const instance = startInstance(home);
    await instance.ready();
    const pid = async () => (await fetch(instance.url())).text().catch(() => '');
    const before = await pid();
    process.kill(Number(before), 'SIGKILL');
    const after = await until(async () => {
      const answer = await pid().catch(() => '');
      return answer === before ? '' : answer;
    }, 'another API');
    expect(instance.processes().services.map((service) => service.pid)).toContain(Number(after));
    expect(instance.stderr()).toContain('[api] ended with SIGKILL; starts again in 1 s');
  });
});

describe('a stale file', () => {
  test('of PostgreSQL, naming a pid that now is another program, is harmless', async () => {
    const home = await preparedHome();
    const first = startInstance(home);
    await first.ready();
    const file = join(home, 'postgres', 'postmaster.pid');
    const lines = readFileSync(file, 'utf8').split('\n');
    first.process.kill('SIGTERM');
    await first.exitCode();
    writeFileSync(file, [process.pid, ...lines.slice(1)].join('\n'));
    await startInstance(home).ready();
    expect(postmasterPid(home)).not.toBe(process.pid);
  });

  test.each([
    [
      'of a reused pid',
      JSON.stringify({
        supervisor: { pid: process.pid, startedAt: 'long ago' },
        stopping: false,
        services: [],
      }),
    ],
    ['that makes no sense', 'nonsense'],
  ])('of the lock, %s, is taken over', async (_name, content) => {
    const home = await preparedHome();
    writeFileSync(join(home, 'running.json'), content);
    const instance = startInstance(home);
    await expect(instance.ready()).resolves.toBeUndefined();
  });
});

describe('a start that cannot work says why in one sentence', () => {
  async function refusal(home: string, environment: NodeJS.ProcessEnv = {}): Promise<string> {
    const instance = startInstance(home, environment);
    expect(await instance.exitCode()).toBe(1);
    expect(instance.stderr().trim().split('\n')).toHaveLength(1);
    return instance.stderr();
  }

  test('when the port is taken', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    expect(await refusal(freshHome(), { PORT: String(port) })).toMatch(
      `Port ${port} is already in use: set PORT`,
    );
    server.close();
  });

  test('when the data folder cannot be made', async () => {
    const file = join(freshHome(), 'file');
    writeFileSync(file, '');
    expect(await refusal(join(file, 'home'))).toMatch(/cannot be used .*set LLM_EVAL_HOME/);
  });

  test('when the database folder holds something else', async () => {
    const home = freshHome();
    mkdirSync(join(home, 'postgres'));
    writeFileSync(join(home, 'postgres', 'letter.txt'), 'dear reader');
    expect(await refusal(home)).toMatch('not a PostgreSQL data folder');
  });

  test('when another one runs on the same folder, which goes on', async () => {
    const home = await preparedHome();
    const first = startInstance(home);
    await first.ready();
    expect(await refusal(home)).toMatch(/already runs on this data folder/);
    expect((await fetch(first.url())).status).toBe(200);
  });

  test.each([
    ['the API fails', { FIXTURE_API: 'fail' }, 'the fixture cannot start'],
    ['the API crashes', { FIXTURE_API: 'crash' }, 'the fixture crashes on import'],
  ])('when %s', async (_name, environment, message) => {
    const home = await preparedHome();
    expect(await refusal(home, environment)).toMatch(message);
    expect(() => postmasterPid(home)).toThrow('ENOENT');
  });
});

test('the admin key is generated once, shown once, and readable by its owner only', async () => {
  const home = freshHome();
  const first = startInstance(home);
  await first.ready();
  const key = readFileSync(join(home, 'admin-key'), 'utf8').trim();
  expect(key).toMatch(/^llme_admin_[\w-]{43}$/);
  expect(first.stdout()).toContain(key);
  expect(statSync(join(home, 'admin-key')).mode & 0o777).toBe(0o600);
  first.process.kill('SIGTERM');
  await first.exitCode();
  const second = startInstance(home);
  await second.ready();
  expect(second.stdout()).not.toContain(key);
  expect(second.stdout()).toContain(join(home, 'admin-key'));
});

test('the key for secrets is generated once, readable by its owner only, never shown', async () => {
  const home = freshHome();
  const database = { DATABASE_URL: process.env.TEST_DATABASE_URL };
  const file = join(home, 'secret-key');
  const first = startInstance(home, database);
  await first.ready();
  const key = readFileSync(file, 'utf8').trim();
  expect(Buffer.from(key, 'base64')).toHaveLength(32);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const given = async (instance: typeof first) =>
    (await fetch(new URL('/secret-keys', instance.url()))).text();
  expect(await given(first)).toBe(key);
  expect(first.stdout()).not.toContain(key);
  first.process.kill('SIGTERM');
  await first.exitCode();
  const own = 'a-key-of-the-environment-that-wins';
  const second = startInstance(home, { ...database, LLM_EVAL_SECRET_KEY: own });
  await second.ready();
  expect(await given(second)).toBe(own);
  expect(readFileSync(file, 'utf8').trim()).toBe(key);
});

test('a demo that could not be made is told, and made by the next start', async () => {
  const home = await preparedHome();
  const first = startInstance(home, { FIXTURE_DEMO: 'fail' });
  await first.ready();
  await until(() => first.stderr().includes('no demo at http://127.0.0.1:'), 'the complaint');
  first.process.kill('SIGTERM');
  await first.exitCode();
  expect(existsSync(join(home, 'demo-seeded'))).toBe(false);
  await startInstance(home).ready();
  await until(() => existsSync(join(home, 'demo-seeded')), 'the demo');
});

test('with DATABASE_URL no PostgreSQL is started', async () => {
  const home = freshHome();
  const instance = startInstance(home, { DATABASE_URL: process.env.TEST_DATABASE_URL });
  await instance.ready();
  expect(existsSync(join(home, 'postgres'))).toBe(false);
});

test('an error in a log is shown in one line', async () => {
  const instance = startInstance(await preparedHome());
  await instance.ready();
  const worker = instance.processes().services[1];
  process.kill(worker?.pid ?? 0, 'SIGUSR2');
  await until(() => instance.stderr(), 'the line');
  expect(instance.stderr()).toMatch(
    /^\[worker\] a fixture error: on demand – see .*worker\.log\n$/,
  );
});
