import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const LIBRARY = 'libs/redis-cache/src';
const CORE_ROOMS = 'common|keys|codec|scripts|events|connection';

/** @param {{ regex: string, message: string }[]} patterns @returns {import('eslint').Linter.RulesRecord} */
const forbidImports = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });

const throughTheIndex = {
  regex: `(core/[^/]+|/(${CORE_ROOMS}|cache|cacheable|lock|rate-limit|session))/(?!index\\.js$)[^/]+\\.js$`,
  message: 'Other folders are entered through their index.js.',
};

/** The arrows of docs/architecture.md: common ← core ← features ← sub-paths ← module ← index. */
const arrows = defineConfig(
  {
    files: [`${LIBRARY}/core/common/**`],
    rules: forbidImports({ regex: '^\\.\\./', message: 'core/common knows nothing else: no Redis, no Nest.' }),
  },
  {
    files: [`${LIBRARY}/core/**`],
    ignores: [`${LIBRARY}/core/common/**`],
    rules: forbidImports(throughTheIndex, {
      regex: `^(\\.\\./)+(?!(core|${CORE_ROOMS})/)[^/.]+/|redis-cache\\.(module|options|events|logger)\\.js$`,
      message: 'core knows no feature and no module.',
    }),
  },
  {
    files: [`${LIBRARY}/{cache,cacheable,lock,rate-limit,session,config,event-emitter}/**`],
    rules: forbidImports(throughTheIndex, {
      regex: 'redis-cache\\.(module|events|logger)\\.js$',
      message: 'Features and sub-paths do not know the module that wires them.',
    }),
  },
  {
    files: [`${LIBRARY}/testing/**`],
    ignores: ['**/*.spec.ts'], // they put the two side by side
    rules: forbidImports(throughTheIndex, {
      regex: 'redis-cache\\.(module|logger)\\.js$',
      message: 'The fake stands in for the module: it does not know it.',
    }),
  },
  { files: [`${LIBRARY}/*.ts`], ignores: ['**/*.spec.ts'], rules: forbidImports(throughTheIndex) },
  {
    files: ['apps/**', 'test/**'],
    ignores: ['test/model/**'], // it checks the library's own scripts and clients
    rules: forbidImports({
      regex: 'libs/redis-cache|nestjs-redis-cache/(src|dist)',
      message: 'Import the package by its name, as its users do.',
    }),
  },
);

export default defineConfig([
  globalIgnores(['**/dist/', 'coverage/', '.cache/', 'test/compat/*-app/']),
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.mjs', '**/*.js'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      'no-undef': 'off', // the type checker knows
      eqeqeq: 'error',
      'max-lines': ['error', { max: 300 }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'Name what is exported.' },
        { selector: 'ExportDefaultDeclaration', message: 'Exports have names.' },
      ],
    },
  },
  {
    files: ['**/*.spec.ts', 'test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // Tools in JavaScript are checked by the compiler, without the types that would make these rules useful.
    files: ['**/*.mjs'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/restrict-plus-operands': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  { files: ['*.config.js', 'test/support/global-*.ts'], rules: { 'no-restricted-syntax': 'off' } },
  { files: ['**/lua/index.ts'], rules: { 'max-lines': 'off' } },
  arrows,
]);
