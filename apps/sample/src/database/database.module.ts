import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { type Environment, environment } from '../environment.js';
import { databaseOptions } from './database.options.js';
import { DatabaseSetup } from './database.setup.js';

@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [environment.KEY],
      useFactory: ({ DATABASE_URL }: Environment) => databaseOptions(DATABASE_URL),
    }),
  ],
  providers: [DatabaseSetup],
})
export class DatabaseModule {}
