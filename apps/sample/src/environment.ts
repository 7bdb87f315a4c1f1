import { registerAs } from '@nestjs/config';
import { IsOptional, IsPort, Matches, validateSync } from 'class-validator';

/** The shop's own variables. Those of Redis (REDIS_URL, …) are read by `nestjs-redis-cache/config`. */
export class Environment {
  @IsPort({ message: 'PORT must be a whole number from 0 to 65535' })
  readonly PORT: string;

  /** PostgreSQL; without it the shop lives in memory. */
  @IsOptional()
  @Matches(/^postgres(ql)?:\/\/./, {
    message: 'DATABASE_URL must look like postgres://user:password@localhost:5432/shop',
  })
  readonly DATABASE_URL: string | undefined;

  /** How long Redis has to decide on a rate limit. @default that of the library */
  @IsOptional()
  @Matches(/^\d+m?s$/, { message: "RATE_LIMIT_TIMEOUT must be a duration such as '50ms' or '1s'" })
  readonly RATE_LIMIT_TIMEOUT: `${number}${'ms' | 's'}` | undefined;

  constructor(variables: NodeJS.ProcessEnv) {
    // `||`, not `??`: a variable that a compose file leaves open arrives as ''.
    this.PORT = variables.PORT || '3000';
    this.DATABASE_URL = variables.DATABASE_URL || undefined;
    this.RATE_LIMIT_TIMEOUT = (variables.RATE_LIMIT_TIMEOUT as this['RATE_LIMIT_TIMEOUT']) || undefined;
  }
}

/** Read at boot, after the .env file: a wrong value stops the application and is named. */
export const environment = registerAs('environment', () => readEnvironment(process.env));

export function readEnvironment(variables: NodeJS.ProcessEnv): Environment {
  const read = new Environment(variables);
  const problems = validateSync(read).flatMap(({ constraints }) => Object.values(constraints ?? {}));
  if (problems.length > 0) throw new Error(`${problems.join(', ')}.`);
  return read;
}
