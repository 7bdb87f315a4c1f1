import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';
import { collectFacts, countSocketsLeft } from './facts';
import { ProductsService } from './products.service';

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
  const facts = await collectFacts(app.get(ProductsService));
  await app.close();
  console.log(JSON.stringify({ ...facts, socketsLeft: await countSocketsLeft() }));
}

void main();
