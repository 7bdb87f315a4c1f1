import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';
import { collectDecoratedFacts } from './decorated-facts';
import { collectFacts, countSocketsLeft } from './facts';
import { collectLimitedFacts } from './limited-facts';
import { ProductsRepository } from './products.repository';
import { ProductsService } from './products.service';
import { collectSessionFacts } from './session-facts';

async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
  await app.listen(0, '127.0.0.1');
  const limited = await collectLimitedFacts(await app.getUrl());
  const decorated = await collectDecoratedFacts(app.get(ProductsRepository));
  const facts = await collectFacts(app.get(ProductsService));
  const sessions = await collectSessionFacts(await app.getUrl());
  await app.close();
  console.log(JSON.stringify({ ...facts, ...decorated, ...limited, ...sessions, socketsLeft: countSocketsLeft() }));
}

void main();
