import { Module } from '@nestjs/common';
import { ProductsModule } from '../products/products.module.js';
import { ExportsController } from './exports.controller.js';

@Module({
  imports: [ProductsModule],
  controllers: [ExportsController],
})
export class ExportsModule {}
