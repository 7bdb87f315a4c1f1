import {
  Body,
  Controller,
  type ExecutionContext,
  Get,
  HttpCode,
  Post,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { loginPolicies, RateLimit, RateLimitGuard, SkipRateLimit } from 'nestjs-redis-cache';

export const MODULE = { policies: [{ limit: 100, window: '15m' }] } as const;

/** What hangs until the test lets it go. */
export const waiting: (() => void)[] = [];

@Controller('first')
export class FirstController {
  @Get('plain')
  plain(): string {
    return 'plain';
  }

  @Get('limited')
  @RateLimit({ name: 'narrow', limit: 2, window: '1m' })
  limited(): string {
    return 'limited';
  }

  @Get('other')
  @RateLimit({ name: 'narrow', limit: 2, window: '1m' })
  other(): string {
    return 'other';
  }

  @Get('twice')
  @UseGuards(RateLimitGuard)
  @RateLimit({ name: 'twice', limit: 2, window: '1m' })
  twice(): string {
    return 'twice';
  }

  @Get('raised')
  @RateLimit({ limit: 1 })
  raised(): string {
    return 'raised';
  }

  @Get('free')
  @SkipRateLimit()
  free(): string {
    return 'free';
  }

  @Get('by-plan')
  @RateLimit({
    name: 'plan',
    limit: async (context) => (headerOf(context, 'x-plan') === 'pro' ? 3 : 1),
    window: () => '1m',
  })
  byPlan(): string {
    return 'by plan';
  }

  @Get('costly')
  @RateLimit({ name: 'costly', limit: 5, window: '1m', cost: (context) => Number(headerOf(context, 'x-cost')) })
  costly(): string {
    return 'costly';
  }

  @Get('skippable')
  @RateLimit({ name: 'skippable', limit: 1, window: '1m', skip: (context) => headerOf(context, 'x-skip') === 'yes' })
  skippable(): string {
    return 'skippable';
  }

  @Get('slot')
  @RateLimit({ name: 'slot', limit: 1, window: '1s', algorithm: 'concurrency' })
  async slot(): Promise<string> {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return 'slot';
  }

  @Post('login')
  @HttpCode(200)
  @RateLimit(...loginPolicies({ perPair: 2, perAccount: 3 }))
  login(@Body() { password }: { password: string }): string {
    if (password !== 'right') throw new UnauthorizedException();
    return 'welcome';
  }
}

@Controller('class')
@RateLimit({ name: 'class', limit: 3, window: '1m' }, { name: 'second', limit: 50, window: '1m' })
export class ClassController {
  @Get('one')
  one(): string {
    return 'one';
  }

  @Get('two')
  @RateLimit({ name: 'second', limit: 1 })
  two(): string {
    return 'two';
  }

  @Get('three')
  @SkipRateLimit('class')
  three(): string {
    return 'three';
  }
}

export function headerOf(context: ExecutionContext, name: string): string | undefined {
  return context.switchToHttp().getRequest<{ headers: Record<string, string> }>().headers[name];
}
