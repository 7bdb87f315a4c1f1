import type { ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

/** Who exports, by the API key of the request; a real shop would have them in its database. */
export interface Customer {
  readonly name: string;
  readonly exportsPerHour: number;
}

const CUSTOMERS: Readonly<Record<string, Customer>> = {
  'demo-free': { name: 'a customer of the free plan', exportsPerHour: 3 },
  'demo-pro': { name: 'a customer of the pro plan', exportsPerHour: 60 },
};

const ANYBODY: Customer = { name: 'anybody', exportsPerHour: 1 };

export function customerOf(context: ExecutionContext): Customer {
  const key = context.switchToHttp().getRequest<Request>().get('X-Api-Key') ?? '';
  return CUSTOMERS[key] ?? ANYBODY;
}
