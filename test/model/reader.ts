import type { Process, World } from './world.js';

/** One getOrSet. @param onHit what else happens when the value was there */
export function read(world: World, name: string, process: Process, key: string, onHit?: () => void): void {
  world.schedule.agent(name, async () => {
    const least = world.database.leastVersionOf(key);
    const found = await process.namespace.read(key);
    if (typeof found === 'object') onHit?.();
    const value =
      typeof found === 'object' ? found.value : await process.namespace.load(key, world.requestFor(key), found);
    world.check(name, key, value, least);
  });
}

/** Who does not want what is cached: loads anew and replaces it. */
export function reload(world: World, name: string, { namespace }: Process, key: string): void {
  world.schedule.agent(name, async () => {
    const least = world.database.leastVersionOf(key);
    world.check(name, key, await namespace.reload(key, world.requestFor(key)), least);
  });
}

/** What happens behind the back of readers when an entry grows old: it is loaded again although it is there. */
export function refresh(world: World, name: string, { namespace }: Process, key: string): void {
  world.schedule.agent(name, async () => void (await namespace.refresh(key, world.requestFor(key))));
}
