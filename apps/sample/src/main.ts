import type { AddressInfo } from 'node:net';
import { RedisConnection } from 'nestjs-redis-cache';
import { bootFailure, bootSummary } from './boot-summary.js';
import { createApp } from './create-app.js';
import { describeDatabase } from './database/database.options.js';
import { type Environment, environment } from './environment.js';
import { ProductsRepository } from './products/products.repository.js';

try {
  const app = await createApp();
  app.enableShutdownHooks();
  const { PORT, DATABASE_URL } = app.get<Environment>(environment.KEY);
  await app.listen(PORT);

  console.log(
    bootSummary({
      port: (app.getHttpServer().address() as AddressInfo).port,
      products: await app.get(ProductsRepository).count(),
      seconds: process.uptime(),
      redis: app.get(RedisConnection).address,
      database: describeDatabase(DATABASE_URL),
    }),
  );
} catch (error) {
  console.error(bootFailure(error));
  process.exit(1);
}
