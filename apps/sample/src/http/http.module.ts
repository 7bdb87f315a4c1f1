import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { CacheHeadersInterceptor } from './cache-headers.interceptor.js';

@Module({ providers: [{ provide: APP_INTERCEPTOR, useClass: CacheHeadersInterceptor }] })
export class HttpModule {}
