import { Column, Entity, Index, ManyToOne, OneToMany, PrimaryColumn, type Relation } from 'typeorm';
import { Category } from '../categories/category.entity.js';
import { Review } from '../reviews/review.entity.js';

@Entity('products')
export class Product {
  @PrimaryColumn({ type: 'int' })
  id!: number;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'int' })
  priceCents!: number;

  @Column({ type: 'int' })
  stock!: number;

  /** The fencing token of the lock under which the stock was written last. */
  @Column({ type: 'bigint', default: 0, select: false })
  fence!: number;

  @Index()
  @ManyToOne(() => Category, { nullable: false })
  category!: Category;

  // Product and Review import each other: Relation<> keeps the class out of the emitted metadata,
  // where an ES module that is not evaluated yet would be a ReferenceError.
  @OneToMany(() => Review, (review) => review.product)
  reviews!: Relation<Review>[];

  averageRating(): number | null {
    if (this.reviews.length === 0) return null;
    const sum = this.reviews.reduce((total, { rating }) => total + rating, 0);
    return Math.round((sum / this.reviews.length) * 10) / 10;
  }
}
