import type { Redis } from 'ioredis';
import type { RedisClient } from './connection.options.js';

/** Who made the client: one the user gave us is used and never closed. */
export type ClientOwner = 'connection' | 'user';

/**
 * The shape of the servers behind a connection. Everything above it asks only this: who are the primaries, which
 * client runs a slot, and when does that change.
 */
export interface Topology {
  readonly kind: 'standalone' | 'cluster';
  /** Sends each command to the server that owns its key. */
  readonly client: RedisClient;
  /** Resolves when commands can be sent; rejects when the first attempt failed. Attempts go on in the background. */
  connect(): Promise<void>;
  /** Ends the connections it opened. */
  close(): Promise<void>;
  /** One client per primary that is known now. */
  primaries(): Redis[];
  /** The client of the primary that owns a hash slot, if one is known to. */
  ownerOf(slot: number): Redis | undefined;
  /** The addresses of the primaries that own a slot, also of those that are away. */
  addresses(): readonly string[];
  /** The address of the primary that owns a key. */
  addressOf(key: string): string;
  /** The client of the primary at an address, if there is one now. */
  clientAt(address: string): Redis | undefined;
  /** Calls the listener when there may be other primaries, or other clients for them. @returns a function that ends it */
  onServers(listener: () => void): () => void;
  /** Asks the servers anew who owns which slots; whoever watches hears what has changed. */
  refresh(): Promise<void>;
  /** Calls the listener when a server was replaced, came or went. @returns a function that ends it */
  onChange(listener: () => void): () => void;
}
