import { ApiProperty } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';

export class CartItem {
  @ApiProperty({ example: 42 })
  @IsInt()
  @Min(1)
  @Max(2_147_483_647)
  readonly productId!: number;

  @ApiProperty({ example: 2, minimum: 1, maximum: 99 })
  @IsInt()
  @Min(1)
  @Max(99)
  readonly quantity!: number;
}
