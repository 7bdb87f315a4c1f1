import { Controller, Delete, Get, HttpCode, NotFoundException, Param, UseGuards } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiTags, ApiUnauthorizedResponse } from '@nestjs/swagger';
import { CurrentSession, HttpSession, SessionGuard, SessionService, SessionUser } from 'nestjs-redis-cache';
import { DeviceView } from './device.view.js';

/** Where a user is logged in. */
@Controller('devices')
@UseGuards(SessionGuard)
@ApiTags('accounts')
@ApiUnauthorizedResponse()
export class DevicesController {
  constructor(private readonly sessions: SessionService) {}

  @Get()
  @ApiOkResponse({ type: [DeviceView] })
  async list(@SessionUser() userId: string, @CurrentSession() { id }: HttpSession): Promise<DeviceView[]> {
    const sessions = await this.sessions.list(userId);
    return sessions.map((session) => new DeviceView(session, session.id === id));
  }

  @Delete('others')
  @HttpCode(204)
  async logOutOthers(@SessionUser() userId: string, @CurrentSession() session: HttpSession): Promise<void> {
    await this.sessions.destroyAll(userId, session.id === undefined ? {} : { except: session.id });
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiNotFoundResponse()
  async logOutOne(@SessionUser() userId: string, @Param('id') id: string): Promise<void> {
    const isEnded = await this.sessions.destroy({ userId, id });
    if (!isEnded) throw new NotFoundException('This device is not logged in.');
  }

  @Delete()
  @HttpCode(204)
  async logOutEverywhere(@SessionUser() userId: string, @CurrentSession() session: HttpSession): Promise<void> {
    await this.sessions.destroyAll(userId);
    await session.logout();
  }
}
