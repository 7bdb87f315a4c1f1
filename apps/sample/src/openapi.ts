import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

/** The page is served at /docs and the document itself at /docs-json; both are built when first asked for. */
export function serveOpenApi(app: INestApplication): void {
  const config = new DocumentBuilder()
    .setTitle('Sample shop')
    .setDescription('Every answer that read the cache says so: `X-Cache: HIT` or `MISS`, and `Age` in seconds.')
    .build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, config));
}
