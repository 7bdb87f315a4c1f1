import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNotFoundResponse, ApiOkResponse } from '@nestjs/swagger';
import { PageQuery } from '../http/page.query.js';
import { ProductParams } from '../products/product.params.js';
import { ProductsService } from '../products/products.service.js';
import { NewReview } from './new-review.dto.js';
import { ReviewView } from './review.view.js';
import { ReviewsRepository } from './reviews.repository.js';

@Controller('products/:id/reviews')
@ApiNotFoundResponse()
export class ReviewsController {
  constructor(
    private readonly products: ProductsService,
    private readonly reviews: ReviewsRepository,
  ) {}

  @Get()
  @ApiOkResponse({ type: [ReviewView], description: 'The newest first' })
  async list(@Param() { id }: ProductParams, @Query() { page }: PageQuery): Promise<ReviewView[]> {
    await this.products.get(id);
    const reviews = await this.reviews.findPage(id, page);
    return reviews.map((review) => new ReviewView(review));
  }

  @Post()
  @ApiCreatedResponse({ type: ReviewView })
  async add(@Param() { id }: ProductParams, @Body() review: NewReview): Promise<ReviewView> {
    await this.products.get(id);
    return new ReviewView(await this.reviews.add(id, review));
  }
}
