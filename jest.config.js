/** Native ES modules: the libraries under test (MikroORM above all) ship nothing else. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
    ],
  },
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/\\.llm-eval/'],
  modulePathIgnorePatterns: ['/dist/', '/\\.llm-eval/'],
  globalSetup: './test/support/global-setup.ts',
  globalTeardown: './test/support/global-teardown.ts',
  testTimeout: 30_000,
  testSequencer: '<rootDir>/test/support/slow-first.mjs',
  maxWorkers: 2,
  // Half a second, the default, is little on a busy machine: jest then says that something leaked.
  workerGracefulExitTimeout: 5_000,
};
