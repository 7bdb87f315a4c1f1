import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import ts from 'typescript';

const root = join(import.meta.dirname, '..');
const source = join(root, 'libs/redis-cache/src');

const files = readdirSync(source, { recursive: true, encoding: 'utf8' });
const modules = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'));
const scripts = files.filter((file) => /lua\/[^/]+\.lua$/.test(file));

/** What each module imports, as paths below the source folder. */
const imports = new Map(modules.map((module) => [module, importsOf(module)]));

function importsOf(module: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(source, module), 'utf8'));
  return importedFiles
    .map(({ fileName }) => fileName)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => relative(source, join(source, dirname(module), specifier.replace(/\.js$/, '.ts'))));
}

/** Floors from the ground up; a module may import from its own room and from lower floors only. */
function floorOf(module: string): number {
  if (module.startsWith('core/common/')) return 0;
  if (module.startsWith('core/')) return 1;
  if (/^(cache|rate-limit|session)\//.test(module)) return 2;
  if (/^(cacheable|lock)\//.test(module)) return 3;
  if (/^redis-cache\.(options|async-options|events)\.ts$/.test(module)) return 4;
  if (/^(config|event-emitter|testing)\//.test(module)) return 5;
  if (/^redis-cache\.(logger|module)\.ts$/.test(module)) return 6;
  if (module === 'index.ts') return 7;
  throw new Error(`${module} stands on no floor: add its folder here and to docs/architecture.md.`);
}

function roomOf(module: string): string {
  const parts = dirname(module).split('/');
  return parts[0] === 'core' ? parts.slice(0, 2).join('/') : parts[0]!;
}

describe('the house', () => {
  it('has arrows that only lead down', () => {
    const upward = [...imports].flatMap(([module, targets]) =>
      targets.filter((target) => floorOf(target) > floorOf(module)).map((target) => `${module} → ${target}`),
    );
    expect(upward).toEqual([]);
  });

  it('is entered room by room, through the index', () => {
    const throughTheWall = [...imports].flatMap(([module, targets]) =>
      targets
        .filter(
          (target) => roomOf(target) !== roomOf(module) && roomOf(target) !== '.' && basename(target) !== 'index.ts',
        )
        .map((target) => `${module} → ${target}`),
    );
    expect(throughTheWall).toEqual([]);
  });

  it('has no cycles', () => {
    expect(findCycle()).toBeUndefined();
  });

  it('has no rooms for odds and ends', () => {
    const oddsAndEnds = files.filter((file) =>
      /(^|[/.-])(utils?|helpers?|manager|impl|base|misc|types)([/.]|$)/.test(file),
    );
    expect(oddsAndEnds).toEqual([]);
  });
});

describe('the scripts', () => {
  it('are embedded as they are in their .lua files', () => {
    expect(() =>
      execFileSync('node', [join(root, 'tools/embed-lua/embed-lua.mjs'), '--check'], { stdio: 'pipe' }),
    ).not.toThrow();
  });

  it.each(scripts)('%s declares in its header, and its definition, the keys and arguments it uses', (script) => {
    const lua = readFileSync(join(source, script), 'utf8');
    const header = lua
      .split('\n')
      .filter((line) => line.startsWith('--'))
      .join('\n');
    const body = lua
      .split('\n')
      .filter((line) => !line.startsWith('--'))
      .join('\n');
    const { keys, args } = definitionOf(script);

    for (const [list, declared] of [
      ['KEYS', keys],
      ['ARGV', args],
    ] as const) {
      const expected = Array.from({ length: declared }, (_, at) => at + 1);
      expect({ list, used: numbersOf(list, body) }).toEqual({ list, used: expected });
      expect({ list, documented: numbersOf(list, header) }).toEqual({ list, documented: expected });
    }
    expect(header).toMatch(/^-- Reply: /m);
  });

  it('never ask a client for the time or a key by a name that was not passed', () => {
    const bodies = scripts.map((script) => readFileSync(join(source, script), 'utf8'));
    expect(bodies.filter((body) => /os\.(time|clock)|redis\.call\('(KEYS|FLUSH)/.test(body))).toEqual([]);
  });
});

function numbersOf(list: 'KEYS' | 'ARGV', text: string): number[] {
  const numbers = [...text.matchAll(new RegExp(`${list}\\[(\\d+)\\]`, 'g'))].map((match) => Number(match[1]));
  return [...new Set(numbers)].sort((one, other) => one - other);
}

/** How many keys and arguments the TypeScript definition of a script names. */
function definitionOf(script: string): { keys: number; args: number } {
  const feature = dirname(dirname(script));
  const name = basename(script, '.lua').replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const text = readFileSync(join(source, feature, `${basename(feature)}.scripts.ts`), 'utf8');
  const definition = text.split('defineScript(').find((part) => part.includes(`lua: lua.${name},`));
  if (definition === undefined) throw new Error(`${script} has no defineScript({ lua: lua.${name} }).`);
  const count = (list: string): number =>
    /\[(.*?)\]/s
      .exec(definition.split(`${list}:`)[1]!)![1]!
      .split(',')
      .filter((part) => part.trim()).length;
  return { keys: count('keys'), args: count('args') };
}

function findCycle(): string | undefined {
  const finished = new Set<string>();
  const visit = (module: string, path: string[]): string | undefined => {
    if (path.includes(module)) return [...path.slice(path.indexOf(module)), module].join(' → ');
    if (finished.has(module)) return undefined;
    for (const target of imports.get(module) ?? []) {
      const cycle = visit(target, [...path, module]);
      if (cycle !== undefined) return cycle;
    }
    finished.add(module);
    return undefined;
  };
  for (const module of modules) {
    const cycle = visit(module, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
