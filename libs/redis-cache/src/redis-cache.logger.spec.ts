import { Logger } from '@nestjs/common';
import { UndecodableError } from './core/codec/index.js';
import { RedisCacheEvents } from './redis-cache.events.js';
import { RedisCacheLogger } from './redis-cache.logger.js';

describe('the logger', () => {
  const events = new RedisCacheEvents();
  const lines: string[] = [];
  const warn = (line: string): void => void lines.push(line);

  beforeEach(() => {
    lines.length = 0;
    Logger.overrideLogger({ log: () => undefined, error: () => undefined, warn });
  });
  afterEach(() => {
    events.close();
    Logger.overrideLogger(true);
  });

  const tell = (namespace: string): void =>
    events.publish('cache:undecodable', { namespace, key: 'k', error: new UndecodableError('is damaged') });

  it('says a warning once', () => {
    new RedisCacheLogger(events, ['of an option']);
    for (const namespace of ['a', 'b', 'a', 'b', 'a']) tell(namespace);
    expect(lines).toEqual(['of an option', expect.stringContaining('"a"'), expect.stringContaining('"b"')]);
  });

  it('says once that a field of sessions cannot be read', () => {
    new RedisCacheLogger(events, []);
    const error = new UndecodableError('no key of the ring has the id 01020304.');
    for (const id of ['one', 'other']) events.publish('session:undecodable', { id, field: 'cart', error });
    expect(lines).toEqual([
      expect.stringMatching(/^Sessions: the field "cart" reads as missing: .* no key of the ring/),
    ]);
  });

  it('says in one last line that there are more than it remembers, and repeats none', () => {
    new RedisCacheLogger(events, []);
    for (let round = 0; round < 3; round += 1) for (let at = 0; at < 1_500; at += 1) tell(`n${at}`);
    expect(lines).toHaveLength(1_001);
    expect(new Set(lines).size).toBe(1_001);
    expect(lines.at(-1)).toContain('More than 1000 different warnings: further ones are not logged.');
  });
});
