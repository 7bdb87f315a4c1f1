import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { collectDecoratedFacts } from './decorated-facts.js';
import { collectFacts, countSocketsLeft } from './facts.js';
import { collectLimitedFacts } from './limited-facts.js';
import { ProductsRepository } from './products.repository.js';
import { ProductsService } from './products.service.js';

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
await app.listen(0, '127.0.0.1');
const limited = await collectLimitedFacts(await app.getUrl());
const decorated = await collectDecoratedFacts(app.get(ProductsRepository));
const facts = await collectFacts(app.get(ProductsService));
await app.close();
console.log(JSON.stringify({ ...facts, ...decorated, ...limited, socketsLeft: countSocketsLeft() }));
