import { Module } from '@nestjs/common';
import { ProductsModule } from '../products/products.module.js';
import { SearchController } from './search.controller.js';

@Module({
  imports: [ProductsModule],
  controllers: [SearchController],
})
export class SearchModule {}
