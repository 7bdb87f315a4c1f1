import { ApiProperty } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';

export class Order {
  @ApiProperty({ example: 1 })
  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly count!: number;
}

/** What is left of the product. */
export class StockView {
  @ApiProperty({ example: 11 })
  readonly stock: number;

  constructor(stock: number) {
    this.stock = stock;
  }
}
