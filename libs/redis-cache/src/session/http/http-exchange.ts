import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';

/** A request and its response, of Express or Fastify. */
export interface HttpExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly ip: string | undefined;
  readonly body: unknown;
}

interface FrameworkRequest {
  readonly raw?: IncomingMessage;
  readonly ip?: string;
  readonly body?: unknown;
}

export function exchangeOf(context: ExecutionContext): HttpExchange {
  if (context.getType() !== 'http')
    throw new Error(`A session belongs to an HTTP request, and this is a handler of "${context.getType()}".`);
  const request = context.switchToHttp().getRequest<FrameworkRequest>();
  const response = context.switchToHttp().getResponse<{ readonly raw?: ServerResponse }>();
  return {
    request: request.raw ?? (request as IncomingMessage),
    response: response.raw ?? (response as ServerResponse),
    ip: request.ip,
    body: request.body,
  };
}

export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
