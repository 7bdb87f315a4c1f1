import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Product } from '../products/product.entity.js';
import { CheckoutController } from './checkout.controller.js';
import { CheckoutService } from './checkout.service.js';
import { StockRepository } from './stock.repository.js';

@Module({
  imports: [TypeOrmModule.forFeature([Product])],
  controllers: [CheckoutController],
  providers: [CheckoutService, StockRepository],
})
export class CheckoutModule {}
