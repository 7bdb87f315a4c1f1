import { ApiProperty } from '@nestjs/swagger';
import type { SessionInfo } from 'nestjs-redis-cache';

export class DeviceView {
  @ApiProperty()
  readonly id: string;

  @ApiProperty({ example: 'Mozilla/5.0' })
  readonly device: string;

  @ApiProperty()
  readonly loggedInAt: Date | undefined;

  @ApiProperty()
  readonly lastSeenAt: Date;

  @ApiProperty({ description: 'Whether it is the one that asks' })
  readonly isThisOne: boolean;

  constructor({ id, device, loggedInAt, lastSeenAt }: SessionInfo, isThisOne: boolean) {
    this.id = id;
    this.device = device.userAgent ?? 'unknown';
    this.loggedInAt = loggedInAt;
    this.lastSeenAt = lastSeenAt;
    this.isThisOne = isThisOne;
  }
}
