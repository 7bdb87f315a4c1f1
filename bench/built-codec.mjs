// The codec is no part of the public API: it is taken from the built library. By a URL that is put together here, because
// the type checker runs before the first build too.
const built = new URL('../libs/redis-cache/dist/esm/core/codec/index.js', import.meta.url);

/** @type {{ createCodec: (options: { serializer: 'typed' | 'json', classes: { option: string, classes: object }[] }) => any }} */
export const { createCodec } = await import(built.href);
