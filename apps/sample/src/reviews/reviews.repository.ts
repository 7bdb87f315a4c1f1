import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Cacheable, CacheConfig, CacheEvict } from 'nestjs-redis-cache';
import { Repository } from 'typeorm';
import { rowsOfPage } from '../products/product-page.js';
import type { NewReview } from './new-review.dto.js';
import { Review } from './review.entity.js';

@CacheConfig({ namespace: 'reviews' })
@Injectable()
export class ReviewsRepository {
  constructor(@InjectRepository(Review) private readonly reviews: Repository<Review>) {}

  @Cacheable({ key: 'product:{0}:page:{1}' })
  findPage(productId: number, page: number): Promise<Review[]> {
    return this.reviews.find({ where: { product: { id: productId } }, order: { id: 'DESC' }, ...rowsOfPage(page) });
  }

  /** All pages move by one, and the product is shown with the number of its reviews. */
  @CacheEvict({ pattern: 'product:{0}:*', when: 'always' }, { namespace: 'products', key: 'id:{0}', when: 'always' })
  async add(productId: number, { rating, author, text }: NewReview): Promise<Review> {
    const review = { rating, author, text, createdAt: new Date(), product: { id: productId } };
    return this.reviews.save(this.reviews.create(review));
  }
}
