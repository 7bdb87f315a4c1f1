import type { RateLimitPolicy, RateLimitService } from 'nestjs-redis-cache';

/** Requests of one subject, all at once. */
export interface RequestsTask {
  readonly policy: RateLimitPolicy;
  readonly subject: string;
  readonly requests: number;
}

/** @returns how many Redis let in */
export async function requestAll(
  limits: RateLimitService,
  { policy, subject, requests }: RequestsTask,
): Promise<number> {
  const deciding = Array.from({ length: requests }, () => limits.consume({ policy, subject }));
  const decisions = await Promise.all(deciding);
  return decisions.filter(({ isAllowed, decidedBy }) => isAllowed && decidedBy === 'redis').length;
}
