import type { INestApplication } from '@nestjs/common';
import request from 'supertest';

export type Method = 'get' | 'post' | 'patch' | 'delete';

/** Keeps one cookie, and sends it over plain http as a browser would over TLS. */
export class Browser {
  cookie = '';
  setCookie = '';

  constructor(
    readonly app: INestApplication,
    private readonly url: string,
  ) {}

  twin(cookie: string): Browser {
    const twin = new Browser(this.app, this.url);
    twin.cookie = cookie;
    return twin;
  }

  async send(
    method: Method,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<request.Response> {
    const agent = request(this.url);
    const sent = agent[method](path).set({ 'user-agent': 'a test', ...headers });
    if (this.cookie !== '') void sent.set('cookie', this.cookie);
    const answer = await (method === 'get' ? sent : sent.send(body ?? {}));
    const [given] = (answer.headers['set-cookie'] as unknown as string[] | undefined) ?? [];
    if (given !== undefined) {
      this.setCookie = given;
      this.cookie = /Max-Age=0;/.test(given) ? '' : given.split(';')[0]!;
    }
    return answer;
  }
}
