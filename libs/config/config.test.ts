import { describe, expect, test } from '@jest/globals';
import { resolve } from 'node:path';
import { ConfigurationError, loadConfig } from './index.ts';

describe('loadConfig', () => {
  test('needs nothing: the embedded mode on the loopback interface', () => {
    expect(loadConfig({})).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      home: resolve('.llm-eval'),
      databaseUrl: undefined,
      redisUrl: undefined,
      adminKey: undefined,
      trustProxy: 0,
    });
  });

  test('takes an empty variable for an unset one', () => {
    expect(loadConfig({ PORT: '', DATABASE_URL: '' })).toMatchObject({ port: 3000 });
  });

  test('uses the queue Redis for sockets unless another one is named', () => {
    const cluster = { DATABASE_URL: 'postgresql://u:p@host/db', REDIS_URL: 'redis://queue:6379' };
    expect(loadConfig(cluster).redisSocketUrl).toBe('redis://queue:6379');
    const two = { ...cluster, REDIS_SOCKET_URL: 'redis://socket:6379' };
    expect(loadConfig(two).redisSocketUrl).toBe('redis://socket:6379');
  });

  test('bounds sockets by numbers within reason, and sends alerts to an address of the web', () => {
    expect(loadConfig({ LIVE_MAX_SUBSCRIPTIONS: '7' }).live).toMatchObject({
      maxSubscriptions: 7,
      maxSockets: 5_000,
      memoryLimitMb: undefined,
    });
    expect(loadConfig({}).alertWebhookUrl).toBeUndefined();
    const wrong = {
      LIVE_MAX_SOCKETS: '0',
      LIVE_RECHECK_INTERVAL_MS: '40000',
      ALERT_WEBHOOK_URL: 'file:///etc/passwd',
    };
    expect(() => loadConfig(wrong)).toThrow(
      /LIVE_MAX_SOCKETS .*LIVE_RECHECK_INTERVAL_MS .*ALERT_WEBHOOK_URL /s,
    );
  });

  test('refuses REDIS_URL alone, with the reason', () => {
    expect(() => loadConfig({ REDIS_URL: 'redis://queue:6379' })).toThrow(ConfigurationError);
    expect(() => loadConfig({ REDIS_URL: 'redis://queue:6379' })).toThrow(/cluster needs both/);
  });

  test('takes what users may call beside the public internet', () => {
    expect(loadConfig({}).outgoingAllow).toEqual([]);
    const allow = '127.0.0.1:4000, 10.0.0.0/8,[::1]:80 ,fd00::/8, scorer.internal:8080, scorer,';
    expect(loadConfig({ OUTGOING_ALLOW: allow }).outgoingAllow).toEqual([
      '127.0.0.1:4000',
      '10.0.0.0/8',
      '[::1]:80',
      'fd00::/8',
      'scorer.internal:8080',
      'scorer',
    ]);
  });

  test.each([
    '10.0.0',
    '300.1.1.1',
    '10.0.0.0/33',
    'http://a',
    'a:0',
    'a:99999',
    '*',
    'a b',
    '[a]',
    '::g',
  ])('refuses to let users call %s', (allow) => {
    expect(() => loadConfig({ OUTGOING_ALLOW: allow })).toThrow(/OUTGOING_ALLOW must be addresses/);
  });

  test('takes several keys for secrets, the newest first', () => {
    expect(loadConfig({}).secretKeys).toEqual([]);
    const [newer, older] = ['n'.repeat(32), 'o'.repeat(44)];
    const keys = loadConfig({ LLM_EVAL_SECRET_KEY: `${newer}, ${older},` }).secretKeys;
    expect(keys).toEqual([newer, older]);
  });

  test('refuses a key for secrets that could be guessed, with the remedy', () => {
    const short = `${'n'.repeat(32)},${'o'.repeat(31)}`;
    expect(() => loadConfig({ LLM_EVAL_SECRET_KEY: short })).toThrow(/openssl rand -base64 32/);
  });

  test('names every variable that is wrong in one message', () => {
    const wrong = { PORT: '99999', DATABASE_URL: 'mysql://host/db', LLM_EVAL_ADMIN_KEY: 'short' };
    expect(() => loadConfig(wrong)).toThrow(/PORT .*DATABASE_URL .*LLM_EVAL_ADMIN_KEY /s);
  });

  test('never repeats a secret', () => {
    expect(() => loadConfig({ LLM_EVAL_ADMIN_KEY: 'hunter2' })).toThrow(/^((?!hunter2).)*$/);
    expect(() => loadConfig({ DATABASE_URL: 'x://u:hunter2@h/d' })).toThrow(/^((?!hunter2).)*$/);
    expect(() => loadConfig({ LLM_EVAL_SECRET_KEY: 'hunter2' })).toThrow(/^((?!hunter2).)*$/);
  });
});
