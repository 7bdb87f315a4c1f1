import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { collectDecoratedFacts } from './decorated-facts.js';
import { collectFacts, countSocketsLeft } from './facts.js';
import { ProductsRepository } from './products.repository.js';
import { ProductsService } from './products.service.js';

const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
const decorated = await collectDecoratedFacts(app.get(ProductsRepository));
const facts = await collectFacts(app.get(ProductsService));
await app.close();
console.log(JSON.stringify({ ...facts, ...decorated, socketsLeft: countSocketsLeft() }));
