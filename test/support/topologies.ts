import { type ConnectionOptions } from 'nestjs-redis-cache';

export interface TestTopology {
  readonly name: 'standalone' | 'cluster';
  readonly connection: ConnectionOptions;
}

/** The servers that the global setup started; read late, because workers inherit the variables from it. */
export function testTopologies(): readonly TestTopology[] {
  const { REDIS_URL, TEST_CLUSTER_NODES } = process.env;
  if (!REDIS_URL || !TEST_CLUSTER_NODES) throw new Error('The global setup of the tests has started no servers.');
  return [
    { name: 'standalone', connection: { url: REDIS_URL } },
    { name: 'cluster', connection: { cluster: TEST_CLUSTER_NODES.split(',') } },
  ];
}

/** Registers the same tests for a standalone server and for a cluster of three. */
export function describeEachTopology(title: string, define: (topology: TestTopology) => void): void {
  describe.each(testTopologies().map((topology) => [topology.name, topology] as const))(
    `${title} (%s)`,
    (_, topology) => define(topology),
  );
}
