import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { CategoriesRepository } from './categories.repository.js';
import { CategoryView } from './category.view.js';

@Controller('categories')
export class CategoriesController {
  constructor(private readonly categories: CategoriesRepository) {}

  @Get()
  @ApiOkResponse({ type: [CategoryView] })
  async list(): Promise<CategoryView[]> {
    const categories = await this.categories.findAll();
    return categories.map((category) => new CategoryView(category));
  }
}
