import type { Topology } from '../core/connection/index.js';

/** Whether a server may throw limits away when its memory is full. Servers that do not say are not asked again. */
export async function evictionWarning({
  topology,
}: {
  readonly topology: Pick<Topology, 'primaries'>;
}): Promise<string | undefined> {
  const reports = await Promise.all(topology.primaries().map((primary) => primary.info('memory').catch(() => '')));
  const policy = reports.map((report) => /^maxmemory_policy:(\S+)/m.exec(report)?.[1]).find(isEvicting);
  if (policy === undefined) return undefined;
  return (
    `Redis evicts with maxmemory-policy ${policy}: limits may be forgotten when its memory is full. Count on a server ` +
    "with noeviction: rateLimit: { connection: 'durable' }."
  );
}

function isEvicting(policy: string | undefined): boolean {
  return policy !== undefined && policy !== 'noeviction';
}
