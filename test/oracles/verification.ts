/** docs/verification.md: measurements grouped, written as tables, and read back. */

import type { Measurement, Quantity } from './measurement.js';

export interface Group {
  readonly kind: string;
  readonly activation: string;
  readonly quantity: Quantity;
  /** Values by file, in the order in which they came. */
  readonly values: Map<string, number>;
  deviation: number;
  place: string;
}

export const keyOf = ({ kind, activation, quantity }: Pick<Group, 'kind' | 'activation' | 'quantity'>): string =>
  [kind, activation, quantity].join(' | ');

/** One group for each kind, activation and quantity. */
export function grouped(all: Iterable<Measurement>): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key) ?? { ...one, values: new Map<string, number>(), deviation: 0 };
    groups.set(key, group);
    group.values.set(one.file, (group.values.get(one.file) ?? 0) + 1);
    if (one.deviation > group.deviation) {
      group.deviation = one.deviation;
      group.place = one.place;
    }
  }
  return groups;
}

/**
 * What is stated of a deviation: four times as much, rounded up to 1, 2 or 5 times a power of ten, and at least 1e-15.
 * Another instruction set rounds otherwise, and the largest of many roundings moves.
 */
export function bound(deviation: number): string {
  const room = Math.max(4 * deviation, 1e-15);
  const exponent = Math.floor(Math.log10(room) + 1e-12);
  const digit = [1, 2, 5, 10].find((one) => one * 10 ** exponent >= room * (1 - 1e-12)) as number;
  return digit === 10 ? `1e${exponent + 1}` : `${digit}e${exponent}`;
}

export interface Stated {
  readonly bound: number;
  readonly values: string;
}

function valuesText(group: Group): string {
  return [...group.values].map(([file, count]) => `${file}: ${count}`).join(', ');
}

export function stated(group: Group): { readonly bound: string; readonly values: string } {
  return { bound: bound(group.deviation), values: valuesText(group) };
}

/** One table: kind, activation, quantity, bound (not below what was stated before), values by oracle. */
function table(heading: string, groups: readonly Group[], before: ReadonlyMap<string, Stated>): string {
  const rows = groups.map((group) => {
    const { bound: now, values } = stated(group);
    const former = before.get(keyOf(group))?.bound ?? 0;
    const most = former > Number(now) ? former.toExponential(0) : now;
    return `| ${group.kind} | ${group.activation} | ${group.quantity} | ${most} | ${values} |`;
  });
  return [
    `| ${heading} | activation | quantity | deviation ≤ | oracle: values |`,
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

const isDual = ({ kind }: Group): boolean => kind === 'dual';
const isDerivative = ({ quantity }: Group): boolean => quantity.startsWith('∇');
const isEigenvalue = ({ quantity }: Group): boolean => quantity.startsWith('λ');
const order = (a: Group, b: Group): number => (keyOf(a) < keyOf(b) ? -1 : 1);

export function document(groups: Iterable<Group>, before: ReadonlyMap<string, Stated>): string {
  const all = [...groups].sort(order);
  const values = all.reduce((sum, group) => sum + [...group.values.values()].reduce((a, b) => a + b, 0), 0);
  return `# Verification

${new Intl.NumberFormat('en').format(values)} values of this package against other programs: what was compared with what, and the largest
deviation. The tables are written by \`npm run verify\`; a test measures everything again and fails where a deviation is above what is stated here,
where a row is missing, and where a preset, a layer or an activation of the catalogues has none.

A deviation is |got − want|/√(k(x,x) k(z,z)), in double precision, where a section says nothing else. Stated is four times
the largest that was measured on any instruction set of an x86-64 machine, rounded up to 1, 2 or 5 times a power of ten, and
at least 10⁻¹⁵. The places where plain formulas lose their digits are in: equal, opposite, almost equal and almost opposite
inputs, zero vectors and zero pixels, unequal lengths, variances from 10⁻¹² to 10¹⁸, ten thousand layers.

## The oracles

| file | made by | digits |
|---|---|---|
| duals.json | quadrature from the definition, split where φ is not analytic: \`scripts/make-reference-duals.py\` | 30 |
| presets.json | recursions over those, each preset written out in layers: \`scripts/make-reference-presets.py\` | 30 |
| conv.json | all pairs of pixels, layer by layer: \`scripts/make-reference-conv.py\` | 30 |
| depth.json | plain recursions in up to 160 digits: \`scripts/make-reference-depth.py\` | 30 |
| sphere.json | integrals over the angle in 66 digits, by two rules that agree: \`scripts/make-reference-sphere.py\` | 18 |
| gradients.json | differences of step 10⁻²² of plain recursions in 100 digits: \`scripts/make-reference-gradients.py\` | 24 |
| input-derivatives.json | differences of the 30-digit kernels behind conv.json: \`scripts/make-reference-input-derivatives.py\` | 20 |
| reference.json | plain recursions in 60 digits, confirmed against sampled networks with automatic differentiation | 30 |
| neural_tangents.json | another library's networks, evaluated to full double precision (its \`_exact\` values) | 16 |

They are described in [test/golden](../test/golden/README.md). Beside them stand tests that need no file: finite networks
of width 1024 with their gradients (\`test/oracles/finite-*.test.ts\`), quadrature and Price's identity for every activation, and
identities between networks (\`test/conformance\`). Training in function space, ensembles
and Gaussian process inference are held to the 2942 values of \`predictions\` in neural_tangents.json: to 10⁻¹² where the NNGP
trains, to 2·10⁻⁸ where the NTK of that library does, which is itself off by up to 2·10⁻⁷ (\`test/oracles/predictions.test.ts\`).

## Networks

\`mlp\` is followed by its convention. Where no preset is named, the network is made of layers.

${table(
  'network',
  all.filter((group) => !(isDual(group) || isDerivative(group) || isEigenvalue(group))),
  before,
)}

## Activations

E φφ and E φ′φ′ of Gaussian pairs at variances from 10⁻⁶ to 10³ and correlations from −1 to 1, through networks of one
hidden layer, divided by the root of the diagonals; E φ through the covariance of two branches that have nothing else in
common, divided by E φ².

${table('', all.filter(isDual), before)}

## Derivatives

Gradients (∇) and Hessians (∇²) by the first input; images have gradients. A deviation is relative to the largest entry,
or to the kernel over |x| (over |x|² for ∇²) where that is larger. Inputs that are 10⁻⁷ apart are among the pairs: on which
side of the NTK's cusp they are, rounding the inputs decides to 10⁻¹⁶ over the angle, so deviations of the NTK's
derivatives are multiplied by the angle where it is below 1.

${table('network', all.filter(isDerivative), before)}

## Eigenvalues on spheres

In 2, 3, 5 and 10 dimensions at degrees up to 1000. A deviation is relative to the eigenvalue; where \`sphereSpectrum\` states
fewer than thirteen digits of it, to 10¹³ times the error that is stated. Deviations up to 10⁻¹³ are what the stated errors
promise; with the room that all bounds here have, that reads 5e-13.

${table('network', all.filter(isEigenvalue), before)}
`;
}

/** What the document states, by key. */
export function read(text: string): Map<string, Stated> {
  const rows = text.split('\n').filter((line) => /^\| .* \| \d+e-?\d+ \| /.test(line));
  return new Map(
    rows.map((line) => {
      const [kind, activation, quantity, most, values] = line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()) as [string, string, Quantity, string, string];
      return [keyOf({ kind, activation, quantity }), { bound: Number(most), values }];
    }),
  );
}
