import { expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

const serviceSchema = z.object({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  restart: z.string(),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  stop_grace_period: z.string().optional(),
  deploy: z.object({
    replicas: z.number().default(1),
    resources: z.object({ limits: z.object({ cpus: z.string(), memory: z.string() }) }),
  }),
});

const text = read('docker-compose.yml');
const { services } = z
  .object({ services: z.record(z.string(), serviceSchema) })
  .parse(parse(text, { merge: true }));

function service(name: string): z.infer<typeof serviceSchema> {
  const found = services[name];
  if (found === undefined) throw new Error(`There is no service ${name}.`);
  return found;
}

test('api and worker run at least twice', () => {
  expect(service('api').deploy.replicas).toBeGreaterThanOrEqual(2);
  expect(service('worker').deploy.replicas).toBeGreaterThanOrEqual(2);
});

test.each(['postgres', 'redis-queue', 'redis-socket', 'api', 'worker', 'proxy'])(
  '%s has a health check',
  (name) => {
    expect(service(name).healthcheck?.test.length).toBeGreaterThan(1);
  },
);

test('the API counts as healthy when it is ready, and the proxy sends it requests only then', () => {
  expect(service('api').healthcheck?.test.join(' ')).toContain('/health/ready');
  expect(read('deploy/haproxy.cfg')).toMatch(/^ {2}http-check send .*\/health\/ready/m);
});

test('the queue survives restarts and evicts nothing', () => {
  const { command, volumes } = service('redis-queue');
  const flags = command.join(' ');
  expect(flags).toContain('--appendonly yes');
  expect(flags).toContain('--maxmemory-policy noeviction');
  expect(volumes).toEqual([expect.stringMatching(/:\/data$/)]);
});

test('queues and sockets use different Redis servers', () => {
  for (const name of ['api', 'worker', 'migrate']) {
    const { REDIS_URL, REDIS_SOCKET_URL, DATABASE_URL } = service(name).environment;
    expect(REDIS_URL).toBe('redis://redis-queue:6379');
    expect(REDIS_SOCKET_URL).toBe('redis://redis-socket:6379');
    expect(DATABASE_URL).toContain('@postgres:5432/');
  }
});

test('nothing starts before the tables are up to date', () => {
  for (const name of ['api', 'worker']) {
    expect(service(name).depends_on['migrate']?.condition).toBe('service_completed_successfully');
  }
  expect(service('migrate').depends_on['postgres']?.condition).toBe('service_healthy');
});

test('no secret stands in the file: each must be given, and its absence stops the start', () => {
  expect(service('postgres').environment['POSTGRES_PASSWORD']).toMatch(/^\$\{POSTGRES_PASSWORD:\?/);
  for (const name of ['api', 'worker', 'migrate']) {
    const { LLM_EVAL_ADMIN_KEY, DATABASE_URL } = service(name).environment;
    expect(LLM_EVAL_ADMIN_KEY).toMatch(/^\$\{LLM_EVAL_ADMIN_KEY:\?/);
    expect(DATABASE_URL).toMatch(/^postgresql:\/\/llm_eval:\$\{POSTGRES_PASSWORD:\?[^}]*\}@/);
  }
  const literal = /^\s*\w*(PASSWORD|SECRET|KEY|TOKEN)\w*:\s*(?!\$\{)\S/im;
  expect(text).not.toMatch(literal);
});

test('only the proxy is reachable from outside', () => {
  const published = Object.keys(services).filter((name) => service(name).ports.length > 0);
  expect(published).toEqual(['proxy']);
});

test('every program that a service runs exists', () => {
  for (const name of ['api', 'worker', 'migrate']) {
    const [node, entry = ''] = service(name).command;
    expect(node).toBe('node');
    expect(existsSync(fileURLToPath(new URL(entry, root)))).toBe(true);
  }
});

test('the image runs as an ordinary user', () => {
  const lastStage = read('Dockerfile')
    .split(/^FROM /m)
    .at(-1);
  expect(lastStage).toMatch(/^USER node$/m);
});
