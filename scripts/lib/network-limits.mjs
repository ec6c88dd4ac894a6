// What the numbers and lists of a network file may be: the limits of lib/*-rules.ts and lib/preset*.ts, which types cannot say. A
// test takes the reader and the schema to the borders of each.

const integer = (minimum, maximum) => ({ number: { type: 'integer', minimum, maximum } });
const variance = { number: { minimum: 0, maximum: 1e150 } };
const factor = { number: { minimum: -1e150, maximum: 1e150 } };
const scale = { number: { ...factor.number, not: { const: 0 } } };
const nonNegative = { number: { minimum: 0, maximum: 1e150 } };
const odd = { number: { ...integer(1, 9999).number, not: { multipleOf: 2 } } };
const most = 1_000_000;

/** By the name of a key. `number` and `array` are added to what stands there; of a list the first holds for its items. */
export const networkLimits = {
  weightVar: variance,
  var: variance,
  factor: scale,
  scale,
  slope: factor,
  shortcutScale: factor,
  bodyScale: factor,
  residualScale: nonNegative,
  alpha: nonNegative,
  gamma: { number: { minimum: 0, maximum: 20 } },
  times: integer(0, most),
  stride: integer(1, 9999),
  size: odd,
  innerSize: odd,
  outerSize: odd,
  at: { ...integer(0, 9999), array: { minItems: 1, maxItems: 2 } },
  layers: { array: { minItems: 1 } },
  pieces: { array: { minItems: 1, maxItems: 1000 } },
  from: { number: { minimum: -1e6, maximum: 1e6 } },
  to: { number: { minimum: -1e6, maximum: 1e6 } },
  coefficients: { number: { minimum: -1e50, maximum: 1e50 }, array: { minItems: 1, maxItems: 64 } },
};

/** The limit of a key of an object with these properties. */
export function limitOf(key, properties) {
  if (key === 'depth') {
    const { const: preset, enum: presets = [preset] } = properties.preset ?? {};
    return integer(presets.some((name) => name === 'cntk' || name === 'li') ? 1 : 0, most);
  }
  if (key === 'size' && properties.kind?.const === 'pool') return integer(1, 9999);
  return networkLimits[key];
}

/** A schema with a limit, on each of its forms. */
export function limited(schema, limit) {
  if (schema.anyOf) return { ...schema, anyOf: schema.anyOf.map((form) => limited(form, limit)) };
  if (schema.type === 'number') return { ...schema, ...limit.number };
  if (schema.type === 'array') return { ...schema, ...limit.array, items: limited(schema.items, limit) };
  return schema;
}
