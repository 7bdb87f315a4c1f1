import { MUTATIONS } from './mutations.js';
import type { Mutation } from './mutations/mutation.js';
import { OwnServer } from './own-server.js';
import { Stage } from './stage.js';
import { World } from './world.js';

describe('each fix of the protocol is needed', () => {
  let server: OwnServer;

  beforeAll(async () => void (server = await OwnServer.launch()));
  afterAll(() => server.stop());

  it.each(MUTATIONS)('$finding: $mutation', async (mutation) => {
    const { tagging = 'none', hasIndex = true, circumstances = [], replacements = [], mutateClient } = mutation;
    const sound = await perform(mutation, { tagging, hasIndex, replacements: circumstances });
    expect(sound.violations.concat(sound.violations.length > 0 ? sound.schedule.trace : [])).toEqual([]);
    const mutated = await perform(mutation, {
      tagging,
      hasIndex,
      replacements: [...circumstances, ...replacements],
      mutateClient,
    });
    expect(mutated.violations).not.toEqual([]);
  });

  async function perform({ filled = [], interleaving }: Mutation, options: World['options']): Promise<World> {
    const world = await World.create(server.lanes[0]!, options);
    await world.fill(...filled);
    const stage = new Stage(world);
    await interleaving(stage);
    await stage.end();
    return world;
  }
});
