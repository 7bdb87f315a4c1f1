import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

export interface ShopProcesses {
  /** Where each of them listens. */
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

/** @param file `shop-main`, compiled */
export async function startShops(file: string, count: number, environment: NodeJS.ProcessEnv): Promise<ShopProcesses> {
  const env = { ...process.env, ...environment };
  const shops = Array.from({ length: count }, () => fork(file, { env, execArgv: ['--enable-source-maps'] }));
  const stop = async () => void (await Promise.all(shops.map(end)));
  try {
    return { urls: await Promise.all(shops.map(addressOf)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function addressOf(shop: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    shop.once('message', (url) => resolve(url as string));
    shop.once('exit', (code) => reject(new Error(`The shop has ended with ${code} before it listened.`)));
  });
}

async function end(shop: ChildProcess): Promise<void> {
  if (shop.exitCode !== null || shop.signalCode !== null) return;
  const exited = once(shop, 'exit');
  shop.disconnect();
  await exited;
}
