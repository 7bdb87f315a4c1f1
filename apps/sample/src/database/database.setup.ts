import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { insertCatalogue } from './insert-catalogue.js';

/** Any number will do, as long as nothing else in the database locks the same one. */
const SETUP_LOCK = 20_261_120;

/** Creates the tables and fills the empty shop, before the application listens. */
@Injectable()
export class DatabaseSetup implements OnModuleInit {
  constructor(private readonly database: DataSource) {}

  async onModuleInit(): Promise<void> {
    if (this.database.options.type === 'postgres') return this.oneProcessAtATime(() => this.setUp());
    await this.setUp();
  }

  private async setUp(): Promise<void> {
    await this.database.synchronize();
    await this.database.transaction(insertCatalogue);
  }

  /** Two processes that open the same empty PostgreSQL would create its tables and products twice. */
  private async oneProcessAtATime(work: () => Promise<void>): Promise<void> {
    const connection = this.database.createQueryRunner();
    try {
      await connection.query(`SELECT pg_advisory_lock(${SETUP_LOCK})`);
      await work();
    } finally {
      await connection.query(`SELECT pg_advisory_unlock(${SETUP_LOCK})`);
      await connection.release();
    }
  }
}
