import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { Product } from '../products/product.entity.js';
import { ProductsRepository } from '../products/products.repository.js';
import type { NewReview } from './new-review.dto.js';
import { Review } from './review.entity.js';

/** Reviews are read with their product and cached inside it, so adding one evicts the product. */
@Injectable()
export class ReviewsRepository {
  constructor(
    @InjectRepository(Review) private readonly reviews: Repository<Review>,
    private readonly products: ProductsRepository,
  ) {}

  async add({ id }: Product, { rating, author, text }: NewReview): Promise<Review> {
    const review = this.reviews.create({ rating, author, text, createdAt: new Date(), product: { id } });
    await this.reviews.save(review);
    await this.products.evict(id);
    return review;
  }
}
