import { read } from '../reader.js';
import { clear } from '../writers.js';
import type { Mutation } from './mutation.js';
import { scanEntriesFirst } from './scan-order.js';

export const mutationsWithoutAnIndex: readonly Mutation[] = [
  {
    finding: 'F3c',
    mutation: 'a fill without an index does not look into the log for what was cleared',
    hasIndex: false,
    replacements: [{ script: 'fill', text: "(tags ~= '' or index_ttl == 0)", by: "tags ~= ''" }],
    interleaving: async (stage) => {
      scanEntriesFirst(stage.other);
      read(stage.world, 'R', stage.one, 'a1');
      await stage.upTo('R', 'fill');
      clear(stage.world, 'W', stage.other);
      await stage.upTo('W', 'scan', 'cache-lease:');
      await stage.finish('R'); // its lease ends before the scan gets there; its entry begins where the scan has been
      await stage.finish('W');
    },
  },
];
