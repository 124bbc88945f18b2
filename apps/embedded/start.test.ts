import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { versionProblem } from './node-version.mjs';

test.each(['12.22.0', '18.20.8', '20.20.2', '22.16.0'])('Node %s is refused', (version) => {
  expect(versionProblem(version, 'strip')).toMatch(`this is Node ${version}`);
});

test('a Node that cannot run TypeScript is refused', () => {
  expect(versionProblem('22.17.1', false)).toMatch('this is Node 22.17.1');
});

test.each(['22.18.0', '24.0.0', '26.1.0'])('Node %s is taken', (version) => {
  expect(versionProblem(version, 'strip')).toBeUndefined();
});

test('the entry itself, told that it runs on an old Node, says so and exits with 1', () => {
  const folder = mkdtempSync(join(tmpdir(), 'llm-eval-old-node-'));
  const pretend = join(folder, 'pretend.cjs');
  writeFileSync(pretend, "Object.defineProperty(process.versions, 'node', { value: '20.20.2' });");
  const start = fileURLToPath(new URL('./start.mjs', import.meta.url));
  const { status, stderr, stdout } = spawnSync(process.execPath, ['-r', pretend, start], {
    encoding: 'utf8',
  });
  rmSync(folder, { recursive: true });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^LLM-Eval needs Node 24 .*\n$/);
});

test('what an old Node reads uses no syntax that it does not know', () => {
  for (const file of ['start.mjs', 'node-version.mjs']) {
    const text = readFileSync(new URL(`./${file}`, import.meta.url), 'utf8');
    expect(text).not.toMatch(/\?\.|\?\?|^\s*await /m);
  }
});
