import type { OnModuleInit } from '@nestjs/common';
import type { DiscoveryService } from '@nestjs/core';
import type { CacheAccess } from './cache-access.js';
import { decoratedMethodsOf } from './decorated-methods.js';
import { accessOf } from './wire-cache.js';

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** Plans the decorated methods of all classes at boot, so that what cannot work stops it. */
export class CacheableExplorer implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly access: CacheAccess,
  ) {}

  onModuleInit(): void {
    const { discovery } = this;
    for (const wrapper of [...discovery.getControllers(), ...discovery.getProviders()]) this.plan(wrapper);
  }

  private plan(wrapper: Wrapper): void {
    const prototype = prototypeOf(wrapper);
    if (prototype === undefined) return;
    const given = accessOf(wrapper.instance);
    if (given !== undefined && given !== this.access) return; // of another RedisCacheModule in the application
    const methods = decoratedMethodsOf(prototype);
    if (methods.length === 0) return;
    // Whoever depends on something request-scoped is so too; only Nest's container knows.
    const isShared = wrapper.isDependencyTreeStatic();
    if (!isShared && this.access.kindOf(prototype) === 'shared') this.access.noteKind(prototype, 'request-scoped');
    for (const method of methods) method.planFor({ access: this.access, prototype });
  }
}

/** Of classes that Nest makes; what factories return is not known here. */
function prototypeOf({ metatype, inject }: Wrapper): object | undefined {
  if (typeof metatype !== 'function' || inject !== undefined) return undefined;
  return (metatype as { prototype?: object }).prototype;
}
