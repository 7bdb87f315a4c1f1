import { ApiProperty } from '@nestjs/swagger';
import type { Review } from './review.entity.js';

export class ReviewView {
  @ApiProperty({ example: 7 })
  readonly id: number;

  @ApiProperty({ example: 5 })
  readonly rating: number;

  @ApiProperty({ example: 'Ada' })
  readonly author: string;

  @ApiProperty({ example: 'Better than the picture.' })
  readonly text: string;

  @ApiProperty()
  readonly createdAt: Date;

  constructor({ id, rating, author, text, createdAt }: Review) {
    this.id = id;
    this.rating = rating;
    this.author = author;
    this.text = text;
    this.createdAt = createdAt;
  }
}
