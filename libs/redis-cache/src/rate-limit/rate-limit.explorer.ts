import type { OnModuleInit } from '@nestjs/common';
import { type DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { RequestLimits } from './request-limits.js';

type Class = new () => unknown;

/** Puts the policies of all routes together at boot, so that what cannot work stops it, and opens the connection. */
export class RateLimitExplorer implements OnModuleInit {
  private readonly scanner = new MetadataScanner();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly limits: RequestLimits,
  ) {}

  async onModuleInit(): Promise<void> {
    const controllers = this.discovery.getControllers().map(({ metatype }) => metatype);
    const limited = controllers.filter(
      (metatype) => typeof metatype === 'function' && this.isLimited(metatype as Class),
    );
    if (limited.length > 0) await this.limits.open();
  }

  private isLimited(controller: Class): boolean {
    const prototype = controller.prototype as Record<string, unknown>;
    const routes = this.scanner
      .getAllMethodNames(prototype)
      .map((name) => prototype[name])
      .filter((method) => typeof method === 'function' && Reflect.hasMetadata('path', method));
    const policies = routes.flatMap((route) => this.limits.policies.of(controller, route as () => unknown));
    return policies.length > 0;
  }
}
