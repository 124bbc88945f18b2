import { expect, test } from '@jest/globals';
import { createSealing, SealError, type SealedPlace } from './index.ts';

const [OLD, NEW] = ['an-old-key-of-the-installation-0001', 'a-new-key-of-the-installation-00002'];
const place: SealedPlace = { projectId: 'p1', table: 'secrets', rowId: 'r1', name: 'TOKEN' };
const sealing = createSealing([OLD]);

test.each(['', 'sk-1', 'ключ 🔑', 'x'.repeat(100_000)])('opens what it sealed: %#', (value) => {
  const stored = sealing.seal(value, place);
  expect(sealing.open(stored, place)).toBe(value);
});

test('seals the same value differently each time, and never shows it', () => {
  const many = Array.from({ length: 50 }, () => sealing.seal('a-value-that-is-secret', place));
  expect(new Set(many.map(({ sealed }) => sealed)).size).toBe(50);
  for (const { sealed, keyId } of many) {
    const bytes = Buffer.from(sealed.split('.')[1] ?? '', 'base64url').toString('latin1');
    expect(`${sealed} ${bytes} ${keyId}`).not.toMatch(/a-value-that|an-old-key/);
  }
});

test.each([
  ['project', { projectId: 'p2' }],
  ['table', { table: 'providers' }],
  ['row', { rowId: 'r2' }],
  ['name', { name: 'TOKEN2' }],
])('does not open for another %s, and says what to do', (_what, other) => {
  const stored = sealing.seal('value', place);
  expect(() => sealing.open(stored, { ...place, ...other })).toThrow(SealError);
  expect(() => sealing.open(stored, { ...place, ...other })).toThrow(/enter the value again/);
});

const changed = (sealed: string, at: number): string => {
  const bytes = Buffer.from(sealed.slice(3), 'base64url');
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  return `v1.${bytes.toString('base64url')}`;
};

test.each([
  ['a changed byte', (sealed: string) => changed(sealed, 15)],
  ['a changed nonce', (sealed: string) => changed(sealed, 0)],
  ['nothing', () => ''],
  ['too little', () => 'v1.AAAA'],
  ['another format', (sealed: string) => sealed.replace('v1.', 'v2.')],
  ['a shortened tag', (sealed: string) => sealed.slice(0, -6)],
])('does not open %s', (_what, damage) => {
  const stored = sealing.seal('value', place);
  const damaged = { ...stored, sealed: damage(stored.sealed) };
  expect(() => sealing.open(damaged, place)).toThrow(SealError);
});

test('opens what an older key sealed, and seals with the first', () => {
  const old = sealing.seal('value', place);
  const rotating = createSealing([NEW, OLD]);
  expect(rotating.open(old, place)).toBe('value');
  const fresh = rotating.seal('value', place);
  expect(fresh.keyId).toBe(rotating.keyId);
  expect(fresh.keyId).not.toBe(old.keyId);
  expect(createSealing([NEW]).open(fresh, place)).toBe('value');
});

test('names the variable where the key is not there any more', () => {
  const old = sealing.seal('value', place);
  expect(() => createSealing([NEW]).open(old, place)).toThrow(/LLM_EVAL_SECRET_KEY/);
  expect(() => createSealing([NEW]).open(old, place)).toThrow(old.keyId);
});

test('without a key it refuses to seal, naming the variable and how to make a key', () => {
  const none = createSealing([]);
  expect(none.keyId).toBeUndefined();
  expect(() => none.seal('value', place)).toThrow(
    expect.objectContaining({
      code: 'no_secret_key',
      message: expect.stringMatching(/LLM_EVAL_SECRET_KEY .*openssl rand -base64 32/),
    }),
  );
});
