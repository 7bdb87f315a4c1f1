import { Random } from './random.js';
import { ADJECTIVES, ASSORTMENT, AUTHORS, COLOURS, OPINIONS } from './words.js';

const PRODUCTS = 10_000;
const SEED = 42;
const DAY_MS = 86_400_000;
const OPENING_DAY = Date.UTC(2025, 0, 1, 12);

/** The rows of a new shop: the same ones in every process and in every database. */
export function catalogue() {
  const random = new Random(SEED);
  const categories = ASSORTMENT.map(({ category }, index) => ({
    id: index + 1,
    slug: category.toLowerCase(),
    name: category,
  }));
  const products = Array.from({ length: PRODUCTS }, (_, index) => product(index + 1, random));
  const reviews = products.flatMap(({ id }) => reviewsOf(id, random));
  return { categories, products, reviews };
}

function product(id: number, random: Random) {
  const categoryId = ((id - 1) % ASSORTMENT.length) + 1;
  const { things } = ASSORTMENT[categoryId - 1]!;
  return {
    id,
    name: `${random.pick(ADJECTIVES)} ${random.pick(COLOURS)} ${random.pick(things)}`,
    priceCents: random.integer(5, 500) * 100 - 5,
    stock: random.integer(0, 200),
    category: { id: categoryId },
  };
}

/** Up to five, but most products have one or none. */
function reviewsOf(productId: number, random: Random) {
  const count = random.integer(0, random.integer(0, 5));
  return Array.from({ length: count }, () => review(productId, random));
}

function review(productId: number, random: Random) {
  const rating = random.integer(1, 5);
  return {
    rating,
    author: random.pick(AUTHORS),
    text: OPINIONS[rating],
    createdAt: new Date(OPENING_DAY + random.integer(0, 364) * DAY_MS),
    product: { id: productId },
  };
}
