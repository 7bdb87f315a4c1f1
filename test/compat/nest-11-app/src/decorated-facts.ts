import { Product } from './product';
import type { ProductsRepository } from './products.repository';

/** What this application sees of its decorated repository. */
export async function collectDecoratedFacts(repository: ProductsRepository) {
  const { calls } = repository;
  const callsOf = async (work: () => Promise<unknown>) => {
    calls.length = 0;
    await work();
    return [...calls];
  };
  await callsOf(() => repository.list(1, { descending: true }));
  const found = await repository.find('1');

  return {
    decoratedLabel: found instanceof Product && found.label,
    decoratedHits: await callsOf(() => Promise.all([repository.find('1'), repository.list(1, { descending: true })])),
    otherArguments: await callsOf(() => repository.list(1, { descending: false })),
    evictedByKey: await callsOf(() => repository.update('1', 990).then(() => repository.find('1'))),
    evictedByPattern: await callsOf(() => repository.list(1, { descending: true })),
    newLabel: (await repository.find('1')).label,
    evictedByTag: await callsOf(() => repository.deprecate(990).then(() => repository.find('1'))),
  };
}
