import type { EntityManager, EntityTarget, ObjectLiteral, QueryDeepPartialEntity } from 'typeorm';
import { Category } from '../categories/category.entity.js';
import { Product } from '../products/product.entity.js';
import { Review } from '../reviews/review.entity.js';
import { catalogue } from './catalogue.js';

/** One statement per product would take seconds; all rows in one would have too many parameters. */
const ROWS_PER_STATEMENT = 500;

/** Does nothing when the shop has products already. */
export async function insertCatalogue(manager: EntityManager): Promise<void> {
  if (await manager.exists(Product)) return;
  const { categories, products, reviews } = catalogue();
  await insert(manager, Category, categories);
  await insert(manager, Product, products);
  await insert(manager, Review, reviews);
}

async function insert<T extends ObjectLiteral>(
  manager: EntityManager,
  entity: EntityTarget<T>,
  rows: QueryDeepPartialEntity<T>[],
): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
    const chunk = rows.slice(start, start + ROWS_PER_STATEMENT);
    await manager.createQueryBuilder().insert().into(entity).values(chunk).updateEntity(false).execute();
  }
}
