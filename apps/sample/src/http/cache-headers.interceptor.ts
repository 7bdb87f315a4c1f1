import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  type OnModuleDestroy,
} from '@nestjs/common';
import type { Response } from 'express';
import { RedisCacheEvents } from 'nestjs-redis-cache';
import { type Observable, tap } from 'rxjs';
import { CacheReport } from './cache-report.js';

/** Tells the client whether its answer came from the cache, without any repository knowing about HTTP. */
@Injectable()
export class CacheHeadersInterceptor implements NestInterceptor, OnModuleDestroy {
  private readonly currentRequest = new AsyncLocalStorage<CacheReport>();
  private readonly subscriptions: (() => void)[];

  constructor(events: RedisCacheEvents) {
    this.subscriptions = [
      events.on('cache:hit', ({ ageMs = 0 }) => this.currentRequest.getStore()?.hit(ageMs)),
      events.on('cache:miss', () => this.currentRequest.getStore()?.miss()),
      // While Redis is away nothing is found either.
      events.on('cache:failed', ({ operation }) => operation === 'read' && this.currentRequest.getStore()?.miss()),
    ];
  }

  onModuleDestroy(): void {
    this.subscriptions.forEach((unsubscribe) => unsubscribe());
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const response = context.switchToHttp().getResponse<Response>();
    const report = new CacheReport();
    const writeHeaders = () => void response.set(report.headers());
    // On an error too: a "not found" may come from the cache as well.
    return this.currentRequest.run(report, () => next.handle()).pipe(tap({ next: writeHeaders, error: writeHeaders }));
  }
}
