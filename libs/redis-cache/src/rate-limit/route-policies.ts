import { InvalidOptionError } from '../core/common/index.js';
import { ALL, rateLimitsOf, skippedRateLimitsOf } from './rate-limit.decorator.js';
import { requireComplete, type RoutePolicy, type RouteRateLimit } from './route-policy.js';

type Class = abstract new (...args: never[]) => unknown;
export type Handler = (...args: never[]) => unknown;
type Incomplete = RouteRateLimit & { readonly name: string; readonly scope: string };
type Policies = ReadonlyMap<string, Incomplete>;

/** Where Nest 11 and 12 keep what `@Controller` was told. */
const PATH = 'path';
const VERSION = '__version__';

/** The policies of each route: those of the module, of its class and of its method, merged by name. */
export class RoutePolicies {
  private readonly known = new WeakMap<Class, WeakMap<Handler, readonly RoutePolicy[]>>();

  constructor(private readonly ofModule: readonly RoutePolicy[]) {}

  /** @throws InvalidOptionError */
  of(controller: Class, handler: Handler): readonly RoutePolicy[] {
    const ofClass = this.known.get(controller) ?? new WeakMap<Handler, readonly RoutePolicy[]>();
    this.known.set(controller, ofClass);
    const known = ofClass.get(handler);
    if (known !== undefined) return known;
    const found = this.find(controller, handler);
    ofClass.set(handler, found);
    return found;
  }

  private find(controller: Class, handler: Handler): readonly RoutePolicy[] {
    const place = `@RateLimit of ${controller.name}.${handler.name}`;
    const path = pathOf(controller);
    const ofModule: Policies = new Map(this.ofModule.map((policy) => [policy.name, policy]));
    const ofClass = without(merge(ofModule, rateLimitsOf(controller), path), skippedRateLimitsOf(controller), place);
    const ofRoute = merge(ofClass, rateLimitsOf(handler), `${path}#${handler.name}`);
    return [...without(ofRoute, skippedRateLimitsOf(handler), place).values()].map((policy) =>
      requireComplete(place, policy),
    );
  }
}

function merge(outer: Policies, inner: readonly (RouteRateLimit & { name: string })[], scope: string): Policies {
  const merged = new Map(outer);
  for (const policy of inner) merged.set(policy.name, { ...merged.get(policy.name), ...policy, scope });
  return merged;
}

function without(policies: Policies, names: readonly string[], place: string): Policies {
  if (names.includes(ALL)) return new Map();
  const unknown = names.find((name) => !policies.has(name));
  if (unknown === undefined) return new Map([...policies].filter(([name]) => !names.includes(name)));
  const known = [...policies.keys()].map((name) => `"${name}"`).join(', ') || 'none';
  throw new InvalidOptionError('@SkipRateLimit', `${place} has no policy "${unknown}". It has: ${known}.`);
}

/** Of controllers with the same name in two modules each has its own. */
function pathOf(controller: Class): string {
  const path = [Reflect.getMetadata(PATH, controller) as string | string[] | undefined].flat().join(',');
  const versions = [
    Reflect.getMetadata(VERSION, controller) as string | symbol | (string | symbol)[] | undefined,
  ].flat();
  const ofVersion = versions.map((version) => (version === undefined ? '' : `@${String(version)}`));
  return `/${path}${ofVersion.join('')}`;
}
