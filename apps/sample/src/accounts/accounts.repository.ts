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
    const account = { email, passwordHash: await hashPassword(password) };
    return this.unlessTaken(email, () => this.accounts.save(account));
  }

  async changeEmail(userId: string, email: string): Promise<void> {
    await this.requireFree(email);
    await this.unlessTaken(email, () => this.accounts.update(Number(userId), { email }));
  }

  hasPassword(account: Account | null, password: string): Promise<boolean> {
    return isPassword(password, account?.passwordHash);
  }

  /** Two who want an address at the same moment both find it free: the database lets one of them have it. */
  private async unlessTaken<T>(email: string, write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      await this.requireFree(email);
      throw error;
    }
  }

  private async requireFree(email: string): Promise<void> {
    if ((await this.findByEmail(email)) !== null) throw new ConflictException('There is an account with this address.');
  }
}
