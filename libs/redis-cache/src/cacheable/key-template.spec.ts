import { escapeGlob } from '../core/keys/index.js';
import { KeyTemplate } from './key-template.js';

const fill = (source: string, ...args: unknown[]): string =>
  KeyTemplate.parse('A.b @Cacheable.key', source).fill('A.b', args);

describe('a template', () => {
  it.each<[source: string, args: unknown[], filled: string]>([
    ['front', [], 'front'],
    ['', [], ''],
    ['product:{0}', ['a'], 'product:a'],
    ['{1}{0}', ['a', 2], '2a'],
    ['{0}{0}', ['a'], 'aa'],
    ['{0}', ['{1}'], '{1}'],
    ['{0.id}:{0.of.name}', [{ id: 7n, of: { name: true } }], '7:true'],
    ['{0.0}', [['a']], 'a'],
    ['{10}', [...'0123456789x'], 'x'],
    ['{0}', [''], ''],
  ])('%j filled with %p is %j', (source, args, filled) => {
    expect(fill(source, ...args)).toBe(filled);
  });

  it('may put values in so that they are no pattern', () => {
    const template = KeyTemplate.parse('pattern', 'list:{0}:*');
    expect(template.fill('A.b', ['*'], { escape: escapeGlob })).toBe('list:\\*:*');
  });

  it.each(['{', '}', '{id}', '{0', '0}', '{{0}}', '{0.}', '{-1}', '{ 0 }', 'a{0}b{c'])(
    'is refused when it is %j',
    (source) => {
      expect(() => KeyTemplate.parse('A.b @Cacheable.key', source)).toThrow(
        expect.objectContaining({
          code: 'INVALID_OPTION',
          message: expect.stringMatching(/^A\.b @Cacheable\.key: in '.*' a brace does not belong to a placeholder/),
        }),
      );
    },
  );

  it.each<[what: unknown, got: string]>([
    [undefined, 'nothing'],
    [null, 'null'],
    [{}, 'an object'],
    [['a'], 'an array of 1'],
    [() => 'a', 'a function'],
  ])('takes no %p', (value, got) => {
    expect(() => fill('{0}:{1.id}', 'a', { id: value })).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED_ARGUMENT',
        index: 1,
        message: expect.stringContaining(`A.b: argument 1 gives ${got} for the placeholder {1.id}`),
      }),
    );
    expect(() => fill('{1.id}', 'a', value)).toThrow(/argument 1 gives nothing/);
  });
});
