import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';
import { collectDecoratedFacts } from './decorated-facts';
import { collectFacts, countSocketsLeft } from './facts';
import { ProductsRepository } from './products.repository';
import { ProductsService } from './products.service';

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
  const decorated = await collectDecoratedFacts(app.get(ProductsRepository));
  const facts = await collectFacts(app.get(ProductsService));
  await app.close();
  console.log(JSON.stringify({ ...facts, ...decorated, socketsLeft: countSocketsLeft() }));
}

void main();
