import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsString, Length, Matches } from 'class-validator';
import { PageQuery } from '../http/page.query.js';

export class SearchQuery extends PageQuery {
  /** Letters, digits, blanks and hyphens: neither `%` nor `_`, which have a meaning in LIKE. */
  @ApiProperty({ example: 'lamp', minLength: 2, maxLength: 50 })
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim().toLowerCase() : value))
  @IsString()
  @Length(2, 50)
  @Matches(/^[\p{L}\p{N} -]+$/u)
  readonly q!: string;
}
