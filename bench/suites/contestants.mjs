// @ts-check
// The contestants that several suites have in common.

/**
 * @typedef {import('../harness/vocabulary.js').Contestant} Contestant
 * @typedef {import('../harness/vocabulary.js').FigureRule} FigureRule
 */

export const points = (...shape) => ({ $points: shape });
export const gramOf = (rows, dimension, depth) => ({ $gram: { rows, dimension, depth } });

/**
 * The package, by an operation of bench/crews/resgram.mjs.
 * @param {string} op
 * @param {Record<string, unknown>} args
 * @param {Partial<Contestant>} more
 * @returns {Contestant}
 */
export const own = (op, args, more = {}) => ({ name: 'resgram', role: 'resgram', crew: 'resgram', op, args, ...more });

/** The package's Gram matrix. */
export const resgram = (args, more = {}) => own('gram', args, more);

/**
 * @param {string} name
 * @param {import('../harness/vocabulary.js').CrewName} crew
 * @param {string} op
 * @param {Record<string, unknown>} args
 * @param {Partial<Contestant>} more
 * @returns {Contestant}
 */
export const peer = (name, crew, op, args, more = {}) => ({ name, role: 'peer', crew, op, args, ...more });

/**
 * What the machine allows, by an operation of bench/limits.
 * @param {string} name
 * @param {string} op
 * @param {Record<string, unknown>} args
 * @returns {Contestant}
 */
export const limit = (name, op, args) => ({ name, role: 'limit', crew: 'limits', op, args });

/** OpenBLAS' product of X with its transpose, one triangle, into memory that is there already. */
export const syrk = (x, precision = 'float64', more = {}) =>
  limit(precision === 'float64' ? 'dsyrk' : 'ssyrk', 'product', { x, precision, ...more });

/** One multiply-add per number at the peak rate of a core. */
export const multiplyAdd = (precision = 'float64') => limit('multiply-add', 'multiply-adds', { precision });

/** A plain loop that writes so many bytes past the caches. */
export const store = (bytes, threads) => limit('stores', 'stream', { bytes, threads, way: 'store' });

/** The layer loop of bench/peers/layers.py. */
export const numpyLoop = (args, more = {}) => peer('NumPy loop', 'numpy', 'gram', args, more);

/** In its faster mode: layers listed below ten, scanned over from there. */
export const tangents = ({ depth, ...args }, more = {}) =>
  peer('neural-tangents', 'tangents', 'gram', { ...args, depth, mode: depth < 10 ? 'listed' : 'repeat' }, more);

/**
 * How many times as long a peer takes.
 * @param {string} peer
 * @param {number} [target]
 * @returns {FigureRule}
 */
export const faster = (peer, target) => ({
  id: `${peer} over resgram`,
  says: `${peer} takes so many times as long`,
  measure: 'cpu',
  of: peer,
  over: 'resgram',
  unit: '×',
  better: 'higher',
  ...(target === undefined ? {} : { target }),
});

/**
 * How many times as long as a limit.
 * @param {string} limit
 * @param {number} [target]
 * @returns {FigureRule}
 */
export const timesLimit = (limit, target) => ({
  id: `resgram over ${limit}`,
  says: `times ${limit}`,
  measure: 'cpu',
  of: 'resgram',
  over: limit,
  unit: '×',
  better: 'lower',
  ...(target === undefined ? {} : { target }),
});
