import { ApiProperty } from '@nestjs/swagger';

type State = 'up' | 'down';

export class HealthView {
  @ApiProperty({ enum: ['up', 'down'] })
  readonly database: State;

  @ApiProperty({ enum: ['up', 'down'] })
  readonly cache: State;

  constructor(database: boolean, cache: boolean) {
    this.database = database ? 'up' : 'down';
    this.cache = cache ? 'up' : 'down';
  }
}
