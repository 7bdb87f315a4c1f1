import { Controller, Get } from '@nestjs/common';
import { RateLimit, SkipRateLimit } from 'nestjs-redis-cache';

@Controller('limited')
@RateLimit({ name: 'narrow', limit: 2, window: '1h' })
export class LimitedController {
  @Get()
  get(): string {
    return 'let in';
  }

  @Get('free')
  @SkipRateLimit('narrow')
  free(): string {
    return 'free';
  }
}
