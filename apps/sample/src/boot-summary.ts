export interface Boot {
  readonly port: number;
  readonly products: number;
  readonly seconds: number;
  readonly redis: string;
  readonly database: string;
}

/** What a newcomer wants to know once the shop listens, with four commands to see the cache at work. */
export function bootSummary({ port, products, seconds, redis, database }: Boot): string {
  const shop = `http://localhost:${port}`;
  const product = `${shop}/products/42`;
  return `
The shop is open: ${products.toLocaleString('en')} products after ${seconds.toFixed(1)} s.

  Redis      ${redis}
  Database   ${database}
  OpenAPI    ${shop}/docs

Read a product: it comes from the database (X-Cache: MISS).
  curl -i ${product}
Read it again: now it comes from Redis (X-Cache: HIT).
  curl -i ${product}
Change its price.
  curl -i -X PATCH ${product} -H 'content-type: application/json' -d '{"priceCents": 999}'
Read it once more: a MISS again, and the new price.
  curl -i ${product}
`;
}

export function bootFailure(error: unknown): string {
  const { code, port, message } = error as NodeJS.ErrnoException & { port?: number };
  const reason =
    code === 'EADDRINUSE' ? `port ${port} is taken. Choose another one with the variable PORT.` : (message ?? error);
  return `The shop did not open: ${reason}`;
}
