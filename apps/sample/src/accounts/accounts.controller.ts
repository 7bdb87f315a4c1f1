import { Body, Controller, Delete, Get, HttpCode, Patch, Post, UnauthorizedException, UseGuards } from '@nestjs/common';
import { ApiConflictResponse, ApiTags, ApiTooManyRequestsResponse, ApiUnauthorizedResponse } from '@nestjs/swagger';
import {
  CurrentSession,
  HttpSession,
  loginPolicies,
  RateLimit,
  RequireFreshLogin,
  SessionGuard,
  SessionUser,
} from 'nestjs-redis-cache';
import { AccountsRepository } from './accounts.repository.js';
import { Credentials, NewEmail } from './credentials.dto.js';

@Controller()
@ApiTags('accounts')
@ApiUnauthorizedResponse()
export class AccountsController {
  constructor(private readonly accounts: AccountsRepository) {}

  @Post('accounts')
  @ApiConflictResponse()
  async register(@Body() credentials: Credentials, @CurrentSession() session: HttpSession): Promise<{ email: string }> {
    const { id, email } = await this.accounts.register(credentials);
    await session.login(String(id));
    return { email };
  }

  /** Also asks for the password once more: whoever is logged in goes on under a new token. */
  @Post('session')
  @HttpCode(200)
  @RateLimit(...loginPolicies())
  @ApiTooManyRequestsResponse({ description: 'Too many wrong passwords: from this address, for this account, or both' })
  async logIn(@Body() { email, password }: Credentials, @CurrentSession() session: HttpSession): Promise<object> {
    const account = await this.accounts.findByEmail(email);
    const login = await session.beginLogin(String(account?.id ?? 'nobody'));
    const isRight = await this.accounts.hasPassword(account, password);
    if (account === null || !isRight) throw new UnauthorizedException('Address or password are wrong.');
    await session.login(String(account.id), { login });
    return { email };
  }

  @Delete('session')
  @HttpCode(204)
  async logOut(@CurrentSession() session: HttpSession): Promise<void> {
    await session.logout();
  }

  @Get('account')
  @UseGuards(SessionGuard)
  async show(@SessionUser() userId: string): Promise<{ email: string }> {
    const { email } = await this.accounts.get(userId);
    return { email };
  }

  @Patch('account/email')
  @RequireFreshLogin('5m')
  async changeEmail(@SessionUser() userId: string, @Body() { email }: NewEmail): Promise<{ email: string }> {
    await this.accounts.changeEmail(userId, email);
    return { email };
  }
}
