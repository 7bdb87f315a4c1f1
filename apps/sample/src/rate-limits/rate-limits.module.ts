import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { RateLimitGuard } from 'nestjs-redis-cache';

/** The guard stands before all routes; those with `@RateLimit` are limited. */
@Module({ providers: [{ provide: APP_GUARD, useClass: RateLimitGuard }] })
export class RateLimitsModule {}
