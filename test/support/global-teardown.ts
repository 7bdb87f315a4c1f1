export default async function globalTeardown(): Promise<void> {
  const servers = globalThis.__SHARED_SERVERS__;
  globalThis.__SHARED_SERVERS__ = undefined;
  await servers?.stop();
}
