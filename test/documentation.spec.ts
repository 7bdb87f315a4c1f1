import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = join(import.meta.dirname, '..');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'libs/redis-cache/README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

/** The `ts` blocks of all pages, as files beside them that exist only in memory. */
const examples = new Map(
  pages.flatMap((page) => {
    const blocks = [...readFileSync(join(root, page), 'utf8').matchAll(/^```ts\n(.*?)^```/gms)];
    return blocks.map((block, at) => [join(root, `${page}.example-${at + 1}.ts`), block[1]!] as const);
  }),
);

describe('the documentation', () => {
  it('has examples that compile', () => {
    expect(examples.size).toBeGreaterThan(5);
    expect(compile()).toEqual([]);
  });

  it.each(pages)('%s links to pages that exist', (page) => {
    const links = [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(
      (match) => match[1]!,
    );
    const broken = links.filter(
      (link) =>
        !ts.sys.fileExists(join(root, page, '..', link)) && !ts.sys.directoryExists(join(root, page, '..', link)),
    );
    expect(broken).toEqual([]);
  });
});

function compile(): string[] {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(root, 'tsconfig.json'),
    { noEmit: true },
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
        throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
      },
    },
  )!;
  const host = ts.createCompilerHost(config.options);
  const readFile = host.readFile.bind(host);
  const fileExists = host.fileExists.bind(host);
  host.readFile = (file) => examples.get(file) ?? readFile(file);
  host.fileExists = (file) => examples.has(file) || fileExists(file);
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (file, options, ...rest) => {
    const example = examples.get(file);
    return example === undefined ? getSourceFile(file, options, ...rest) : ts.createSourceFile(file, example, options);
  };
  const program = ts.createProgram([...examples.keys()], config.options, host);
  return [...examples.keys()].flatMap((file) => {
    const parsed = program.getSourceFile(file)!;
    const problems = [...program.getSyntacticDiagnostics(parsed), ...program.getSemanticDiagnostics(parsed)];
    return problems.map(({ messageText }) => `${file}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
  });
}
