import { Test } from '@nestjs/testing';
import { RedisCacheModule, type RedisCacheOptions } from 'nestjs-redis-cache';

const boot = async (options: unknown) =>
  Test.createTestingModule({ imports: [RedisCacheModule.forRoot(options as RedisCacheOptions)] }).compile();

describe('a module with wrong options', () => {
  it.each<[message: string, options: unknown]>([
    ['The options of RedisCacheModule: expected an object, got nothing.', undefined],
    ['The options of RedisCacheModule: expected an object, got null.', null],
    ["The options of RedisCacheModule: expected an object, got 'redis://…'.", 'redis://:p'],
    ['connections: expected an object, got null.', { connections: null }],
    ['connections: expected an object, got 5.', { connections: 5 }],
    ['connections: expected one named "default", got none.', { connections: {} }],
    ['connections: expected one named "default", got "durable".', { connections: { durable: { host: 'h' } } }],
  ])('stops the boot: %s', async (message, options) => {
    await expect(boot(options)).rejects.toMatchObject({ name: 'InvalidOptionError', code: 'INVALID_OPTION', message });
  });
});
