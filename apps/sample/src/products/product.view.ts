import { ApiProperty } from '@nestjs/swagger';
import { CategoryView } from '../categories/category.view.js';
import type { Product } from './product.entity.js';

/** A product in a list. */
export class ProductSummaryView {
  @ApiProperty({ example: 42 })
  readonly id: number;

  @ApiProperty({ example: 'Quiet Green Desk Lamp' })
  readonly name: string;

  @ApiProperty({ example: 4995 })
  readonly priceCents: number;

  @ApiProperty({ example: 12 })
  readonly stock: number;

  constructor({ id, name, priceCents, stock }: Product) {
    this.id = id;
    this.name = name;
    this.priceCents = priceCents;
    this.stock = stock;
  }
}

/** A product on its own page. */
export class ProductView extends ProductSummaryView {
  @ApiProperty()
  readonly category: CategoryView;

  @ApiProperty({ example: 3 })
  readonly reviewCount: number;

  @ApiProperty({ type: Number, nullable: true, example: 4.3, description: 'null while nobody has reviewed it' })
  readonly averageRating: number | null;

  constructor(product: Product) {
    super(product);
    this.category = new CategoryView(product.category);
    this.reviewCount = product.reviews.length;
    this.averageRating = product.averageRating();
  }
}
