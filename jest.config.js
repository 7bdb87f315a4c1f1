/** @type {import('@swc/core').Options} */
const swc = {
  jsc: {
    target: 'es2023',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
    keepClassNames: true,
  },
  module: { type: 'es6' },
  sourceMaps: 'inline',
};

const base = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
  moduleNameMapper: {
    '^nestjs-redis-cache$': '<rootDir>/libs/redis-cache/src/index.ts',
    '^nestjs-redis-cache/(.*)$': '<rootDir>/libs/redis-cache/src/$1/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/libs/.*/dist/', '<rootDir>/test/compat/'],
};

const onRealRedis = {
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
};

/** @type {import('jest').Config} */
export default {
  randomize: true,
  maxWorkers: 2,
  // Each file leaves its compiled modules behind; a worker that has grown is replaced.
  workerIdleMemoryLimit: '800MB',
  testTimeout: 60_000,
  projects: [
    {
      ...base,
      displayName: 'unit',
      testMatch: ['<rootDir>/{libs,apps}/*/src/**/*.spec.ts', '<rootDir>/test/*.spec.ts'],
    },
    { ...base, displayName: 'tools', testMatch: ['<rootDir>/test/tools/**/*.spec.ts'] },
    { ...base, ...onRealRedis, displayName: 'integration', testMatch: ['<rootDir>/test/integration/**/*.spec.ts'] },
    { ...base, ...onRealRedis, displayName: 'history', testMatch: ['<rootDir>/test/history/**/*.spec.ts'] },
    { ...base, ...onRealRedis, displayName: 'model', testMatch: ['<rootDir>/test/model/**/*.spec.ts'] },
    { ...base, ...onRealRedis, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/**/*.spec.ts'] },
  ],
  collectCoverageFrom: ['libs/*/src/**/*.ts', '!**/*.spec.ts', '!**/index.ts'],
  coverageDirectory: 'coverage',
  coverageProvider: 'babel',
};
