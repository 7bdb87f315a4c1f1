import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Buffer, number, Buffer>(scrypt);
const BYTES = 32;

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  return `${salt.toString('hex')}:${(await derive(password, salt, BYTES)).toString('hex')}`;
}

/** Without an account it takes as long as with one: whether there is one stays unknown. */
export async function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  const [salt = '', expected = ''] = (hash ?? ':').split(':');
  const derived = await derive(password, Buffer.from(salt, 'hex'), BYTES);
  return hash !== undefined && timingSafeEqual(derived, Buffer.from(expected, 'hex'));
}
