import { ConflictException, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Cacheable, CacheConfig, CacheEvict } from 'nestjs-redis-cache';
import { type EntityManager, ILike, Repository } from 'typeorm';
import type { Category } from '../categories/category.entity.js';
import type { ProductChanges } from './product-changes.dto.js';
import { type ProductPage, rowsOfPage } from './product-page.js';
import { Product } from './product.entity.js';

const tagsOfPage = ({ products }: ProductPage) => products.map(({ id }) => `product:${id}`);

@CacheConfig({ namespace: 'products' })
@Injectable()
export class ProductsRepository {
  constructor(@InjectRepository(Product) private readonly products: Repository<Product>) {}

  /** `null` is cached too: asking again for a product that does not exist costs no query. */
  @Cacheable({ key: 'id:{0}' })
  find(id: number): Promise<Product | null> {
    return this.load(id);
  }

  @Cacheable({ key: 'category:{0.id}:page:{1}', tags: ['category:{0.id}'], tagsFrom: tagsOfPage })
  async findPage(category: Category, page: number): Promise<ProductPage> {
    const [products, total] = await this.products.findAndCount({
      where: { category: { id: category.id } },
      order: { id: 'ASC' },
      ...rowsOfPage(page),
    });
    return { products, total };
  }

  /**
   * A change evicts the results that show the product. Nobody can name the searches that its new name should be found
   * by: the short ttl of the namespace says how long they may miss it.
   */
  @Cacheable({ namespace: 'search', key: '{1}:{0}', tagsFrom: tagsOfPage })
  async search(text: string, page: number): Promise<ProductPage> {
    const [products, total] = await this.products.findAndCount({
      where: { name: ILike(`%${text}%`) },
      order: { id: 'ASC' },
      ...rowsOfPage(page),
    });
    return { products, total };
  }

  /** Evicts also when it throws: the database may have written all the same. */
  @CacheEvict(
    { key: 'id:{0}', tags: ['product:{0}'], when: 'always' },
    { namespace: 'search', tags: ['product:{0}'], when: 'always' },
  )
  async update(id: number, changes: ProductChanges): Promise<Product | null> {
    // From the database, as a change must not start from a cached copy; without reviews, as `save` would write them too.
    const product = await this.products.findOneBy({ id });
    if (!product) return null;
    await this.products.save(this.products.merge(product, changes));
    return this.load(id);
  }

  /**
   * For a transaction inside a unit of work. The pages of both categories change: those behind the product move up.
   * @returns the category that the product leaves, or null when there is no such product
   */
  @CacheEvict(
    { key: 'id:{0}', tags: ['category:{1.id}'] },
    { tagsFrom: (left) => (left === null ? [] : [`category:${left.id}`]) },
  )
  async move(id: number, category: Category, manager: EntityManager): Promise<Category | null> {
    const product = await manager.findOne(Product, { where: { id }, relations: { category: true } });
    if (!product) return null;
    const { category: left } = product;
    const { affected } = await manager.update(Product, { id, category: { id: left.id } }, { category });
    if (affected !== 1) throw new ConflictException(`Somebody else has just moved product ${id}.`);
    return left;
  }

  count(): Promise<number> {
    return this.products.count();
  }

  private load(id: number): Promise<Product | null> {
    return this.products.findOne({
      where: { id },
      relations: { category: true, reviews: true },
      order: { reviews: { id: 'DESC' } },
    });
  }
}
