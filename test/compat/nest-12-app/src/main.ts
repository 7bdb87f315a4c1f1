import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { collectFacts, countSocketsLeft } from './facts.js';
import { ProductsService } from './products.service.js';

const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
const facts = await collectFacts(app.get(ProductsService));
await app.close();
console.log(JSON.stringify({ ...facts, socketsLeft: await countSocketsLeft() }));
