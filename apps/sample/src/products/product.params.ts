import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';

/** The `:id` of a product's routes. The upper limit is that of the column. */
export class ProductParams {
  @ApiProperty({ type: Number, example: 42 })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(2_147_483_647)
  readonly id!: number;
}
