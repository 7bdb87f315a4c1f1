import { Column, Entity, Index, ManyToOne, PrimaryGeneratedColumn, type Relation } from 'typeorm';
import { Product } from '../products/product.entity.js';

@Entity('reviews')
export class Review {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'int' })
  rating!: number;

  @Column({ type: 'text' })
  author!: string;

  @Column({ type: 'text' })
  text!: string;

  @Column()
  createdAt!: Date;

  @Index()
  @ManyToOne(() => Product, (product) => product.reviews, { nullable: false })
  product!: Relation<Product>;
}
