import type { ScriptArgument } from '../scripts/index.js';
import type { RedisClient } from './connection.options.js';

export type Command<T> = (client: RedisClient) => Promise<T>;

/** How commands are sent. */
export interface Sending {
  readonly resend: 'safe' | 'never';
}

/** A key of the server they go to, and whether they wait for that server to be proven fit for use. */
export interface Destination {
  readonly key: string;
  readonly guarded: boolean;
}

export interface RunOptions {
  readonly guarded?: boolean;
  /** Called before a copy is sent, and also when a client that the user brought may send one: the other may run later. */
  readonly onCopy?: (() => void) | undefined;
}

export type ArgumentsOf<Name extends string> = Readonly<Record<Name, ScriptArgument>>;
