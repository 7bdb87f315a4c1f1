import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Account } from './account.entity.js';
import { AccountsController } from './accounts.controller.js';
import { AccountsRepository } from './accounts.repository.js';
import { DevicesController } from './devices.controller.js';

@Module({
  imports: [TypeOrmModule.forFeature([Account])],
  controllers: [AccountsController, DevicesController],
  providers: [AccountsRepository],
})
export class AccountsModule {}
