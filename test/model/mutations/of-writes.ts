import { read } from '../reader.js';
import type { Process } from '../world.js';
import { evict, put, set } from '../writers.js';
import type { Mutation } from './mutation.js';

export const mutationsOfWrites: readonly Mutation[] = [
  {
    finding: 'F6 put',
    mutation: 'a put writes first, and then sets',
    mutateClient: putUnfenced,
    interleaving: async (stage) => {
      const { world, one, other } = stage;
      put(world, 'P', one, 'a1', 'row');
      await stage.upTo('P', 'write reply');
      evict(world, 'W', other, 'a1');
      await stage.finish('W');
      await stage.finish('P');
    },
  },
  {
    finding: 'F6 put',
    mutation: 'a put that is refused does not evict',
    mutateClient: ({ namespace }) => void Object.assign(namespace['writes']['parts'], { evict: async () => undefined }),
    interleaving: async (stage) => {
      const { world, one, other } = stage;
      put(world, 'P', one, 'a1', 'row');
      await stage.upTo('P', 'write');
      await stage.lose('lease', 'a1');
      read(world, 'R', other, 'a1');
      await stage.upTo('R', 'fill');
      await stage.finish('P');
      await stage.finish('R');
    },
  },
  {
    finding: 'F6 put',
    mutation: 'a put with nothing to store does not evict when it has lost its lease',
    mutateClient: ({ namespace }) => void Object.assign(namespace['writes']['parts'], { evict: async () => undefined }),
    interleaving: async (stage) => {
      const { world, one, other } = stage;
      put(world, 'P', one, 'a1', 'nothing');
      await stage.upTo('P', 'write');
      put(world, 'Q', other, 'a1', 'row');
      await stage.upTo('Q', 'fill');
      await stage.finish('P');
      await stage.finish('Q');
    },
  },
  {
    finding: 'F6 set',
    mutation: 'a set whose reply got lost is sent again',
    mutateClient: resendSet,
    interleaving: async (stage) => {
      const { world, one, other } = stage;
      one.connection.loss = (command) => (command === 'set' ? 'reply' : 'none');
      set(world, 'P', one, 'a1');
      await stage.upTo('P', 'set');
      await stage.step('P');
      evict(world, 'W', other, 'a1');
      await stage.finish('W');
      await stage.finish('P');
    },
  },
];

function putUnfenced({ namespace }: Process): void {
  namespace.writeThrough = async (key, { write, storedAs }) => {
    const value = await write();
    await namespace.set(key, value, { ...storedAs(value)!, when: 'always' });
    return value;
  };
}

function resendSet({ connection }: Process): void {
  const run = connection.run.bind(connection);
  connection.run = (script, ...rest) => run(script.name === 'set' ? { ...script, resend: 'safe' } : script, ...rest);
}
