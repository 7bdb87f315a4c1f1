import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { ApiOkResponse, ApiServiceUnavailableResponse } from '@nestjs/swagger';
import { CacheService } from 'nestjs-redis-cache';
import { DataSource } from 'typeorm';
import { HealthView } from './health.view.js';

@Controller('health')
export class HealthController {
  constructor(
    private readonly database: DataSource,
    private readonly cache: CacheService,
  ) {}

  @Get()
  @ApiOkResponse({ type: HealthView })
  @ApiServiceUnavailableResponse({ type: HealthView })
  async check(): Promise<HealthView> {
    const [database, cache] = await Promise.all([this.databaseAnswers(), this.cache.isHealthy()]);
    const health = new HealthView(database, cache);
    if (!database || !cache) throw new ServiceUnavailableException(health);
    return health;
  }

  private databaseAnswers(): Promise<boolean> {
    return this.database.query('SELECT 1').then(
      () => true,
      () => false,
    );
  }
}
