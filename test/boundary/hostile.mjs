// Arguments that callers should never pass, and a few that they may. Everything is drawn from one generator, so a seed
// is a case.

/** mulberry32: small, and the same everywhere. */
export function generator(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  // Most calls should be wrong in one place at most, so that what lies behind the first check is reached as well.
  const badness = [0.02, 0.1, 0.5][Math.floor(next() * 3)];
  return {
    next,
    bad: () => next() < badness,
    integer: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: (list) => list[Math.floor(next() * list.length)],
    chance: (probability) => next() < probability,
  };
}

const strange = [
  undefined,
  null,
  0,
  -0,
  -1,
  1.5,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1e308,
  5e-324,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  3n,
  '3',
  '',
  'ntk',
  '__proto__',
  true,
  false,
  Symbol('s'),
  () => 3,
  class {},
  {},
  [],
  [[]],
  [null],
  new Date(0),
  /x/,
  new Map(),
  new ArrayBuffer(8),
  new SharedArrayBuffer(8),
  new DataView(new ArrayBuffer(8)),
  new Uint8Array(4),
  new BigInt64Array(2),
  Object.create(null),
  Promise.resolve(3),
  {
    valueOf() {
      throw new Error('valueOf');
    },
    toString() {
      throw new Error('toString');
    },
  },
];

/** An object all of whose traps throw. */
function trap() {
  const refuse = () => {
    throw new Error('trap');
  };
  const handler = Object.fromEntries(Reflect.ownKeys(Reflect).map((name) => [name, refuse]));
  return new Proxy({}, handler);
}

function revoked(target) {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

export function anything(random) {
  const kind = random.integer(0, 11);
  if (kind === 0) return trap();
  if (kind === 1) return revoked([]);
  if (kind === 2) return revoked({});
  return random.pick(strange);
}

function numbers(random, count) {
  return Float64Array.from({ length: count }, () => random.next() - 0.5);
}

const spoilers = [Number.NaN, Number.POSITIVE_INFINITY, -0, 5e-324, 1e308, -1e308, 1e154, 0];

class Liar extends Float64Array {
  get length() {
    return 1e6;
  }
}

/** Typed arrays in every state: valid, offset, shared, resizable, shrunk, detached, of another class, lying. */
export function array(random, count) {
  const values = numbers(random, count);
  switch (random.integer(0, 13)) {
    case 0: {
      structuredClone(values.buffer, { transfer: [values.buffer] });
      return values;
    }
    case 1: {
      const buffer = new ArrayBuffer(count * 8, { maxByteLength: count * 16 + 8 });
      const view = random.chance(0.5) ? new Float64Array(buffer) : new Float64Array(buffer, 0, count);
      view.set(values);
      buffer.resize(random.pick([0, 8 * Math.max(0, count - 1), 8 * count, 8 * count + 8]));
      return view;
    }
    case 2: {
      const shared = new Float64Array(new SharedArrayBuffer(count * 8));
      shared.set(values);
      return shared;
    }
    case 3: {
      const offset = new Float64Array(new ArrayBuffer(count * 8 + 24), 16, count);
      offset.set(values);
      return offset;
    }
    case 4:
      return Float32Array.from(values);
    case 5:
      return random.pick([Int32Array, Uint8Array, Uint8ClampedArray, Int16Array]).from(values, (value) => value * 9);
    case 6:
      return BigInt64Array.from({ length: count }, () => 3n);
    case 7:
      return new DataView(values.buffer);
    case 8:
      return new Liar(values);
    case 9: {
      if (count > 0) values[random.integer(0, count - 1)] = random.pick(spoilers);
      return values;
    }
    case 10:
      return new Proxy(values, {});
    default:
      return values;
  }
}

function rows(random, n, d) {
  const all = Array.from({ length: n }, () => [...numbers(random, d)]);
  const row = random.integer(0, Math.max(0, n - 1));
  switch (random.integer(0, 12)) {
    case 0:
      all[row] = anything(random);
      break;
    case 1:
      if (n > 0) all[row][random.integer(0, Math.max(0, d - 1))] = anything(random);
      break;
    case 2:
      delete all[row];
      break;
    case 3:
      all[row]?.pop();
      break;
    case 4:
      if (n > 0) all[row][0] = random.pick(spoilers);
      break;
    case 5:
      return new Proxy(all, {
        get(target, key) {
          if (key === String(row)) throw new Error('row');
          return Reflect.get(target, key);
        },
      });
    case 6:
      return new Proxy(all, {
        get: (target, key) => (key === 'length' ? random.pick([2 ** 31, 2 ** 53, -1, Number.NaN, 3]) : target[key]),
      });
    case 7:
      return revoked(all);
    case 8:
      all.length = random.pick([0, n + 3]);
      break;
    default:
      break;
  }
  return all;
}

/** Points as a caller may pass them; more often right than wrong. */
export function samples(random, n = random.integer(1, 9), d = random.integer(1, 4)) {
  if (!random.bad()) {
    const data = numbers(random, n * d);
    if (random.chance(0.5)) return { data, shape: [n, d] };
    return Array.from({ length: n }, (_, i) => [...data.subarray(i * d, (i + 1) * d)]);
  }
  if (random.chance(0.1)) return anything(random);
  if (random.chance(0.4)) return rows(random, n, d);
  const shapes = [
    [n, d],
    [n, d],
    [n, d],
    [d, n],
    [n * d],
    [n, d, 1],
    [n + 1, d],
    [-n, -d],
    [0, d],
    [n, 0],
    [2 ** 31, 2 ** 31],
    [2 ** 53, 1],
    [1.5, d],
    [Number.NaN, d],
    ['3', d],
    [3n, d],
    [],
  ];
  const tensor = { data: array(random, n * d), shape: random.chance(0.1) ? anything(random) : random.pick(shapes) };
  if (random.chance(0.1)) {
    // The shape's getter takes the data away.
    const { data, shape } = tensor;
    return {
      data,
      get shape() {
        try {
          structuredClone(data.buffer, { transfer: [data.buffer] });
        } catch {
          // Shared or gone already.
        }
        return shape;
      },
    };
  }
  if (random.chance(0.05)) {
    return {
      get data() {
        throw new Error('data');
      },
      shape: [n, d],
    };
  }
  return tensor;
}

export function targets(random, n) {
  if (!random.bad()) return numbers(random, n);
  if (random.chance(0.2)) return [...numbers(random, random.pick([n, n, n + 1, 0]))];
  return samples(random, n, random.integer(1, 3));
}

export function which(random) {
  if (!random.bad()) return random.pick(['ntk', 'nngp', ['ntk', 'nngp'], ['nngp']]);
  return random.chance(0.5) ? anything(random) : random.pick([[], ['ntk', 'ntk'], ['NTK'], 'NTK', 'toString']);
}

export function indices(random, n) {
  const list = Array.from({ length: random.integer(1, n) }, (_, i) => (random.bad() ? random.integer(-2, n + 2) : i));
  if (random.bad()) return anything(random);
  return random.chance(0.2) ? Int32Array.from(list) : list;
}

/** Options, with their own troubles; `extra` are those of the verb. */
export function options(random, extra = {}) {
  if (random.chance(0.4)) return undefined;
  if (random.bad() && random.chance(0.3)) return anything(random);
  const made = {};
  const add = (key, right) => {
    if (random.chance(0.3)) made[key] = random.bad() ? anything(random) : right();
  };
  add('threads', () => random.integer(1, 3));
  add('onProgress', () =>
    random.pick([
      () => {},
      () => {
        throw new Error('progress');
      },
      async () => {
        throw new Error('progress');
      },
    ]),
  );
  add('signal', () =>
    random.pick([
      new AbortController().signal,
      AbortSignal.abort(new Error('aborted by the test')),
      AbortSignal.timeout(random.integer(0, 3)),
    ]),
  );
  for (const [key, right] of Object.entries(extra)) add(key, right);
  if (random.bad() && random.chance(0.2)) made[random.pick(['thread', 'constructor', ''])] = 1;
  if (random.bad() && random.chance(0.2)) {
    Object.defineProperty(made, 'threads', {
      enumerable: true,
      get() {
        throw new Error('getter');
      },
    });
  }
  return made;
}

/** What a caller may do to its arrays right after the call. */
export function meddle(random, argument) {
  const data = argument?.data;
  if (!ArrayBuffer.isView(data) || !random.chance(0.3)) return;
  try {
    if (random.chance(0.5)) structuredClone(data.buffer, { transfer: [data.buffer] });
    else if (data.buffer.resizable) data.buffer.resize(0);
    else data.fill(Number.NaN);
  } catch {
    // Shared or gone already.
  }
}
