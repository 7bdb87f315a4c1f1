import { ApiProperty } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import { IsPlainText } from '../http/is-plain-text.decorator.js';

export class NewReview {
  @ApiProperty({ minimum: 1, maximum: 5, example: 5 })
  @IsInt()
  @Min(1)
  @Max(5)
  readonly rating!: number;

  @ApiProperty({ example: 'Ada' })
  @IsPlainText(2, 40)
  readonly author!: string;

  @ApiProperty({ example: 'Better than the picture.' })
  @IsPlainText(2, 500)
  readonly text!: string;
}
