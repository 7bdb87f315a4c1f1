import type { TypeOrmModuleOptions } from '@nestjs/typeorm';

/** PostgreSQL when an address is given, otherwise SQLite in this process's memory. */
export function databaseOptions(url: string | undefined): TypeOrmModuleOptions {
  const engine = url ? { type: 'postgres' as const, url } : { type: 'sqljs' as const };
  return { ...engine, autoLoadEntities: true };
}

/** Without user and password. */
export function describeDatabase(url: string | undefined): string {
  if (!url) return 'sql.js, in memory (set DATABASE_URL for PostgreSQL)';
  if (!URL.canParse(url)) return 'PostgreSQL';
  const { host, pathname } = new URL(url);
  return `PostgreSQL at ${host}${pathname}`;
}
