/** How much the demo does. */
export interface Scale {
  readonly coldReads: number;
  readonly cachedReads: number;
  readonly coldKeys: number;
  readonly historyMs: number;
  readonly otherKeys: number;
  readonly invalidations: number;
  readonly scans: number;
}

const SCALES: Record<string, Scale> = {
  full: {
    coldReads: 100,
    cachedReads: 5_000,
    coldKeys: 10,
    historyMs: 10_000,
    otherKeys: 1_000_000,
    invalidations: 21,
    scans: 3,
  },
  small: {
    coldReads: 10,
    cachedReads: 200,
    coldKeys: 2,
    historyMs: 1_500,
    otherKeys: 10_000,
    invalidations: 5,
    scans: 1,
  },
};

/** The scale named by DEMO_SCALE. */
export function chosenScale(): Scale {
  const name = process.env.DEMO_SCALE ?? 'full';
  const scale = SCALES[name];
  if (scale === undefined) throw new Error(`DEMO_SCALE is '${name}'; it may be ${Object.keys(SCALES).join(' or ')}`);
  return scale;
}
