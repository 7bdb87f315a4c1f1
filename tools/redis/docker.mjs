import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { allOrNone, freePort, retryWhilePortsAreTaken, serverArguments } from './server-process.mjs';

const IMAGE = process.env.REDIS_IMAGE ?? 'redis:7.4-alpine';
const WINDOWS_PIPE = '//./pipe/docker_engine';

/** @typedef {import('./find-server.mjs').Server} Server */
/** @typedef {import('./server-process.mjs').ServerOptions} ServerOptions */

/**
 * Servers in containers, which testcontainers removes even when this process is killed. Files that the arguments of a
 * server name must exist in its container, and an engine on another machine can give servers, but no cluster.
 *
 * @param {import('./find-server.mjs').Say} say
 * @returns {Promise<import('./find-server.mjs').ServerSource>}
 */
export async function dockerServers(say) {
  // testcontainers waits for ever for an engine that accepts the connection and stays silent. It is slow to import, too.
  const engine = await engineThatAnswers();
  if (engine.startsWith('unix:')) process.env.DOCKER_HOST ??= engine;
  if (engine.includes('/.colima/')) process.env.TESTCONTAINERS_DOCKER_SOCKET_OVERRIDE ??= '/var/run/docker.sock';

  const { getContainerRuntimeClient, ImageName } = await import('testcontainers');
  const { image } = await getContainerRuntimeClient();
  const name = ImageName.fromString(IMAGE);
  if (!(await image.exists(name))) say(`pulling ${IMAGE} into Docker (${engine})`);
  await image.pull(name);
  return {
    source: 'docker',
    description: `${IMAGE}, in Docker`,
    startTogether: (wanted) => retryWhilePortsAreTaken(() => startContainers(wanted)),
  };
}

async function engineThatAnswers() {
  const engines = process.env.DOCKER_HOST ? [process.env.DOCKER_HOST] : usualEngines();
  const answers = await Promise.allSettled(engines.map(async (engine) => ping(engine)));
  const engine = engines[answers.findIndex(({ status }) => status === 'fulfilled')];
  if (engine) return engine;
  const reasons = answers.map((answer) => ('reason' in answer ? answer.reason.message : ''));
  throw new Error(`no engine answers (${reasons.join('; ')})`);
}

function usualEngines() {
  if (process.platform === 'win32') return [`npipe://${WINDOWS_PIPE}`];
  const { XDG_RUNTIME_DIR } = process.env;
  return [
    '/var/run/docker.sock',
    join(homedir(), '.docker/run/docker.sock'),
    join(homedir(), '.colima/default/docker.sock'),
    ...(XDG_RUNTIME_DIR ? [join(XDG_RUNTIME_DIR, 'docker.sock')] : []),
  ].map((socket) => `unix://${socket}`);
}

/** @param {string} engine @returns {Promise<void>} */
function ping(engine) {
  const { protocol, hostname, port, pathname } = new URL(engine);
  const overTls = protocol === 'tcp:' && process.env.DOCKER_TLS_VERIFY === '1';
  const address = {
    'unix:': { socketPath: pathname },
    'npipe:': { socketPath: WINDOWS_PIPE },
    'tcp:': { host: hostname, port: port || 2375, ...(overTls ? clientCertificate() : {}) },
  }[protocol];
  if (!address) throw new Error(`${engine}: cannot speak ${protocol}`);

  return new Promise((resolve, reject) => {
    const options = { ...address, path: '/_ping', signal: AbortSignal.timeout(1_500) };
    const request = (overTls ? https : http).get(options, (response) => {
      response.resume();
      if (response.statusCode === 200) resolve();
      else reject(new Error(`${engine}: status ${response.statusCode}`));
    });
    request.once('error', (error) => reject(new Error(`${engine}: ${error.message}`)));
  });
}

function clientCertificate() {
  const folder = process.env.DOCKER_CERT_PATH ?? join(homedir(), '.docker');
  const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((file) => readFileSync(join(folder, file)));
  return { ca, cert, key };
}

/**
 * Several servers share the network of one container that does nothing else: as nodes of a cluster they reach each other,
 * and we reach them, at the same addresses of 127.0.0.1.
 *
 * @param {ServerOptions[]} wanted
 */
async function startContainers(wanted) {
  const placed = await Promise.all(
    wanted.map(async (options) => ({ ...options, port: options.port ?? (await freePort()) })),
  );
  const [single] = placed;
  if (single && placed.length === 1) return [await startServer(single)];

  const network = await (await container(['sh', '-c', 'echo Ready; exec tail -f /dev/null'], placed)).start();
  try {
    const servers = await allOrNone(placed.map((options) => startServer(options, `container:${network.getId()}`)));
    const running = new Set(servers);
    return servers.map((server) => ({
      ...server,
      stop: async () => {
        await server.stop();
        if (running.delete(server) && running.size === 0) await network.stop();
      },
    }));
  } catch (error) {
    await network.stop();
    throw error;
  }
}

/** @param {ServerOptions & { port: number }} options @param {string} [network] @returns {Promise<Server>} */
async function startServer({ args = [], port, dir }, network) {
  const givenArgs = typeof args === 'function' ? await args() : args;
  const place = ['--port', String(port), '--bind', '0.0.0.0', '--protected-mode', 'no'];
  const redis = await container(['redis-server', ...serverArguments(givenArgs, place)], network ? [] : [{ port }]);
  if (network) redis.withNetworkMode(network);
  if (dir)
    redis.withBindMounts([{ source: dir, target: '/data' }]).withUser(`${process.getuid?.()}:${process.getgid?.()}`);

  let log = '';
  redis.withLogConsumer((stream) => void stream.on('data', (chunk) => (log += chunk)));
  const started = await redis.start().catch((error) => {
    throw new Error(`The Redis container did not start: ${error.message}. Its log:\n${log}`);
  });
  const host = started.getHost() === 'localhost' ? '127.0.0.1' : started.getHost();
  return {
    source: 'docker',
    url: `redis://${host}:${port}`,
    host,
    port,
    pid: undefined,
    dir,
    stop: async () => void (await started.stop()),
    kill: async () => {
      const { container: containers } = await (await import('testcontainers')).getContainerRuntimeClient();
      await containers.getById(started.getId()).kill();
    },
  };
}

/** @param {string[]} command @param {{ port: number }[]} published */
async function container(command, published) {
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import('testcontainers');
  const { info } = await getContainerRuntimeClient();
  class Published extends GenericContainer {
    /** Docker would publish a port on every address of this machine. @override */
    async beforeContainerCreated() {
      if (info.containerRuntime.host !== 'localhost') return;
      for (const bindings of Object.values(this.hostConfig.PortBindings)) bindings[0].HostIp = '127.0.0.1';
    }
  }
  return new Published(IMAGE)
    .withCommand(command)
    .withExposedPorts(...published.map(({ port }) => ({ container: port, host: port })))
    .withWaitStrategy(Wait.forLogMessage(/Ready/));
}
