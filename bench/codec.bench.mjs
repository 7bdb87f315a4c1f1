// What does keeping types cost over JSON, and over Node's own serialiser?
import { deserialize, serialize } from 'node:v8';
import { bench, group, run, summary } from 'mitata';
import { createCodec } from './built-codec.mjs';

class Product {
  /** @param {object} fields */
  constructor(fields) {
    Object.assign(this, fields);
  }
}

const product = { id: 'p-1', name: 'Green tea', price: 4.5, stock: 120, tags: ['tea', 'green'], text: 'x'.repeat(120) };
const plain = Array.from({ length: 50 }, (_, at) => ({ ...product, id: `p-${at}` }));
const dated = plain.map((fields) => ({ ...fields, addedAt: new Date(1_700_000_000_000) }));
const instances = dated.map((fields) => new Product(fields));

const typed = createCodec({ serializer: 'typed', classes: [{ option: 'classes', classes: [Product] }] });
const json = createCodec({ serializer: 'json', classes: [] });
const v8 = { encode: serialize, decode: deserialize };

for (const [title, value] of Object.entries({
  'one plain object': product,
  '50 plain objects': plain,
  '50 with dates': dated,
})) {
  compare(title, value, { typed, json, v8 });
}
compare('50 instances of a class', instances, { typed });

await run();

/** @param {string} title @param {unknown} value @param {Record<string, { encode(value: unknown): any, decode(encoded: any): unknown }>} codecs */
function compare(title, value, codecs) {
  for (const step of /** @type {const} */ (['encode', 'decode'])) {
    group(`${step}: ${title}`, () => {
      summary(() => {
        for (const [name, codec] of Object.entries(codecs)) {
          const input = step === 'encode' ? value : codec.encode(value);
          bench(name, () => codec[step](input));
        }
      });
    });
  }
}
