import { ApiProperty } from '@nestjs/swagger';
import { IsEmail, MaxLength, MinLength } from 'class-validator';

export class NewEmail {
  @ApiProperty({ example: 'ada@shop.example' })
  @IsEmail()
  @MaxLength(200)
  readonly email!: string;
}

export class Credentials extends NewEmail {
  @ApiProperty({ example: 'correct horse battery staple', minLength: 8 })
  @MinLength(8)
  @MaxLength(200)
  readonly password!: string;
}
