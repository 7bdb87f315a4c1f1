import { applyDecorators } from '@nestjs/common';
import { IsString, Length, Matches } from 'class-validator';

/** Visible text. PostgreSQL refuses a NUL inside a string, so control characters stop here. */
export const IsPlainText = (min: number, max: number) =>
  applyDecorators(
    IsString(),
    Length(min, max),
    Matches(/^\P{Cc}*$/u, { message: '$property must not contain control characters' }),
  );
