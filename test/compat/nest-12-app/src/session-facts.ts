import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

/** What a browser sees of the sessions of this application. */
export async function collectSessionFacts(url: string) {
  const browser = new Browser(url);
  await browser.send('POST', '/cart/tea');
  const planted = browser.cookie;
  const before = await browser.send('GET', '/me');
  await browser.send('POST', '/session/ada');
  const attributes = browser.setCookie.replace(/=[^;]+/, '');
  const cart = await browser.send('POST', '/cart/cup');
  const user = await browser.send('GET', '/me');
  const email = await browser.send('GET', '/email');
  const attacker = await new Browser(url, planted).send('GET', '/me');
  const stolen = new Browser(url, browser.cookie);
  await browser.send('DELETE', '/session');

  return {
    sessionCookie: attributes,
    cartAfterLogin: JSON.parse(cart.text) as string[],
    users: [before.status, user.text, email.text],
    plantedStatus: attacker.status,
    stolenStatus: (await stolen.send('GET', '/me')).status,
    cookieAfterLogout: browser.cookie,
  };
}

/** Keeps one cookie, and no connection. */
class Browser {
  setCookie = '';

  constructor(
    private readonly url: string,
    public cookie = '',
  ) {}

  async send(method: string, path: string): Promise<{ readonly status: number | undefined; readonly text: string }> {
    const sent = request(this.url + path, {
      method,
      agent: false,
      headers: this.cookie ? { cookie: this.cookie } : {},
    });
    const answered = once(sent, 'response');
    sent.end();
    const [answer] = (await answered) as [IncomingMessage];
    const parts: Buffer[] = [];
    for await (const part of answer) parts.push(part as Buffer);
    const [given] = answer.headers['set-cookie'] ?? [];
    if (given !== undefined) {
      this.setCookie = given;
      this.cookie = given.includes('Max-Age=0') ? '' : given.replace(/;.*/, '');
    }
    return { status: answer.statusCode, text: Buffer.concat(parts).toString() };
  }
}
