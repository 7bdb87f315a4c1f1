import { ApiProperty } from '@nestjs/swagger';
import type { Category } from './category.entity.js';

export class CategoryView {
  @ApiProperty({ example: 'lamps' })
  readonly slug: string;

  @ApiProperty({ example: 'Lamps' })
  readonly name: string;

  constructor({ slug, name }: Category) {
    this.slug = slug;
    this.name = name;
  }
}
