import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { collectDecoratedFacts } from './decorated-facts.js';
import { collectFacts, countSocketsLeft } from './facts.js';
import { collectLimitedFacts } from './limited-facts.js';
import { ProductsRepository } from './products.repository.js';
import { ProductsService } from './products.service.js';
import { collectSessionFacts } from './session-facts.js';

const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), {
  logger: ['error', 'warn'],
});
await app.listen(0, '127.0.0.1');
const limited = await collectLimitedFacts(await app.getUrl());
const decorated = await collectDecoratedFacts(app.get(ProductsRepository));
const facts = await collectFacts(app.get(ProductsService));
const sessions = await collectSessionFacts(await app.getUrl());
await app.close();
console.log(JSON.stringify({ ...facts, ...decorated, ...limited, ...sessions, socketsLeft: countSocketsLeft() }));
