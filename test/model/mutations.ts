import { mutationsOfFlights } from './mutations/of-flights.js';
import { mutationsOfLeases } from './mutations/of-leases.js';
import { mutationsOfTheIndex } from './mutations/of-the-index.js';
import { mutationsOfTheTagLog } from './mutations/of-the-tag-log.js';
import { mutationsOfWrites } from './mutations/of-writes.js';
import { mutationsOfSettling } from './mutations/of-settling.js';
import { mutationsWithoutAnIndex } from './mutations/without-an-index.js';
import type { Mutation } from './mutations/mutation.js';

/** Every fix of the protocol review that the library has by now. */
export const MUTATIONS: readonly Mutation[] = [
  ...mutationsOfLeases,
  ...mutationsOfTheTagLog,
  ...mutationsOfTheIndex,
  ...mutationsWithoutAnIndex,
  ...mutationsOfSettling,
  ...mutationsOfFlights,
  ...mutationsOfWrites,
];
