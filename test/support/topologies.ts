import { type ConnectionOptions } from 'nestjs-redis-cache';

export interface TestTopology {
  readonly name: 'standalone' | 'cluster';
  readonly connection: ConnectionOptions;
}

/** A busy machine is no outage: what asks how long a command may take says so itself. */
export const PATIENCE = { commandTimeout: '10s' } as const;

/** The server that the global setup started; read late, because workers inherit the variables from it. */
export function sharedServer() {
  const { REDIS_URL } = process.env;
  if (!REDIS_URL) throw new Error('The global setup of the tests has started no server.');
  return { url: REDIS_URL, ...PATIENCE };
}

export function testTopologies(): readonly TestTopology[] {
  const { TEST_CLUSTER_NODES } = process.env;
  if (!TEST_CLUSTER_NODES) throw new Error('The global setup of the tests has started no cluster.');
  return [
    { name: 'standalone', connection: sharedServer() },
    { name: 'cluster', connection: { cluster: TEST_CLUSTER_NODES.split(','), ...PATIENCE } },
  ];
}

/** Registers the same tests for a standalone server and for a cluster of three. */
export function describeEachTopology(title: string, define: (topology: TestTopology) => void): void {
  describe.each(testTopologies().map((topology) => [topology.name, topology] as const))(
    `${title} (%s)`,
    (_, topology) => define(topology),
  );
}
