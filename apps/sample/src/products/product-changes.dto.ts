import { ApiProperty, PartialType } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import { IsPlainText } from '../http/is-plain-text.decorator.js';

class ChangeableFields {
  @ApiProperty({ example: 'Quiet Green Desk Lamp' })
  @IsPlainText(2, 80)
  readonly name!: string;

  @ApiProperty({ example: 4995 })
  @IsInt()
  @Min(1)
  @Max(100_000_00)
  readonly priceCents!: number;

  @ApiProperty({ example: 12 })
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  readonly stock!: number;
}

/** Any of the fields may be left out, but `null` is not a value of any. */
export class ProductChanges extends PartialType(ChangeableFields, { skipNullProperties: false }) {}
