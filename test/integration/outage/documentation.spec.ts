import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CacheService } from 'nestjs-redis-cache';
import { OPERATIONS } from './operations.js';

it('docs/outages.md says of every operation what the test expects', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/outages.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([^`]+)`\s*\|([^|]+)\|([^|]+)\|([^|]+)\|([^|]+)\|$/gm)];
  const documented = rows.map(([, name, ...outcomes]) => [name, ...outcomes.map((outcome) => outcome.trim())]);
  const situations = ['away', 'full', 'read-only', 'off'] as const;
  const expected = OPERATIONS.map(({ name, outcomes }) => [
    name,
    ...situations.map((situation) => outcomes[situation]),
  ]);
  expect(documented).toEqual(expected);
});

it('every public operation is tried', () => {
  const elsewhere = ['clearAll']; // in every-operation.spec.ts, in an application of its own
  const withoutRedis = [
    'l1',
    'constructor',
    'onModuleInit',
    'namespace',
    'withPrefix',
    'health',
    'traits',
    'sibling',
    'space',
  ];
  const tried = new Set(OPERATIONS.map(({ name }) => name.split(' ')[0]!));
  const methods = Object.getOwnPropertyNames(CacheService.prototype);
  const untried = methods.filter((name) => !tried.has(name) && ![...elsewhere, ...withoutRedis].includes(name));
  expect(untried).toEqual([]);
});
