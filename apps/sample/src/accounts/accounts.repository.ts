import { ConflictException, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Account } from './account.entity.js';
import type { Credentials } from './credentials.dto.js';
import { hashPassword, isPassword } from './password.js';

@Injectable()
export class AccountsRepository {
  constructor(@InjectRepository(Account) private readonly accounts: Repository<Account>) {}

  findByEmail(email: string): Promise<Account | null> {
    return this.accounts.findOneBy({ email });
  }

  get(userId: string): Promise<Account> {
    return this.accounts.findOneByOrFail({ id: Number(userId) });
  }

  async register({ email, password }: Credentials): Promise<Account> {
    await this.requireFree(email);
    return this.accounts.save({ email, passwordHash: await hashPassword(password) });
  }

  async changeEmail(userId: string, email: string): Promise<void> {
    await this.requireFree(email);
    await this.accounts.update(Number(userId), { email });
  }

  hasPassword(account: Account | null, password: string): Promise<boolean> {
    return isPassword(password, account?.passwordHash);
  }

  private async requireFree(email: string): Promise<void> {
    if ((await this.findByEmail(email)) !== null) throw new ConflictException('There is an account with this address.');
  }
}
