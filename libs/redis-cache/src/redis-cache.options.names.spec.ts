import { type DeclaredConnections, resolveRedisCacheOptions } from './redis-cache.options.js';

const url = 'redis://h';
const resolve = (options: unknown, names: DeclaredConnections = ['default']) =>
  resolveRedisCacheOptions(options, names);

describe('the names of connections', () => {
  it('are refused when they are others than forRootAsync was told of', () => {
    const connections = { default: { url }, durable: { host: 'd' } };
    expect(resolve({ connections }, ['durable', 'default']).connections).toHaveLength(2);
    expect(() => resolve({ connections })).toThrow(
      'connections: the options bring "default", "durable", but forRootAsync was told of "default". ' +
        "Write forRootAsync({ connections: ['default', 'durable'], … }).",
    );
    expect(() => resolve({ connection: { url } }, ['default', 'durable'])).toThrow('was told of "default", "durable".');
  });

  it('are warned of when forRootAsync was told of none', () => {
    const connections = { default: { url }, durable: { host: 'd' } };
    expect(resolveRedisCacheOptions({ connections }, undefined).warnings).toEqual([
      'forRootAsync was not told of "durable": a cache can use it, but it cannot be injected. ' +
        "Write forRootAsync({ connections: ['default', 'durable'], … }).",
    ]);
    expect(resolveRedisCacheOptions({ connection: { url } }, undefined).warnings).toEqual([]);
  });
});
