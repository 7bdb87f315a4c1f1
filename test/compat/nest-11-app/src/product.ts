export class Product {
  constructor(
    readonly name: string,
    readonly cents: number,
  ) {}

  get label(): string {
    return `${this.name}, ${(this.cents / 100).toFixed(2)}`;
  }
}
