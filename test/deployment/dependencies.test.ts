import { expect, test } from '@jest/globals';
import { parseFile } from '@swc/core';
import { globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { dependencies } = z
  .object({ dependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(`${root}package.json`, 'utf8')));

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** What a module names in its imports at the top, types aside. */
async function importedBy(path: string): Promise<string[]> {
  const tsx = path.endsWith('x');
  const { body } = await parseFile(root + path, { syntax: 'typescript', tsx });
  return body.flatMap((item) => {
    if (item.type === 'ImportDeclaration' || item.type === 'ExportNamedDeclaration') {
      return item.typeOnly || !item.source ? [] : [item.source.value];
    }
    return item.type === 'ExportAllDeclaration' ? [item.source.value] : [];
  });
}

test('what runs needs no package that an image leaves out', async () => {
  const paths = globSync('{apps,libs}/**/*.{ts,tsx}', {
    cwd: root,
    exclude: (path) => path === 'dist' || path === 'test',
  }).filter((path) => !path.endsWith('.test.ts') && !path.includes('/test/'));
  expect(paths.length).toBeGreaterThan(300);

  const missing: string[] = [];
  for (const path of paths) {
    for (const specifier of await importedBy(path)) {
      const isOwn = /^[.#]/.test(specifier);
      const isBuiltIn = specifier.startsWith('node:') || builtinModules.includes(specifier);
      if (!isOwn && !isBuiltIn && !(packageOf(specifier) in dependencies)) {
        missing.push(`${path}: ${specifier}`);
      }
    }
  }
  expect(missing).toEqual([]);
});
