/** The rules of what applies φ to each unit: activations of the catalogue, and pieces of one's own. */

import { activationNames, activationRecord, type ParameterValues } from './activations.js';
import { unknownName } from './errors.js';
import type { ActivationLayer, Tabulated } from './layers.js';
import { jumpAt, type Piece } from './pieces.js';
import { checks, isRecord, type Place, refuse, shown } from './place.js';
import { add, checkKeys, type Flow, type Rule } from './rule.js';

/** Pieces of a tabulated φ. */
export const mostPieces = 1000;
/** Chebyshev coefficients of one piece; where more seem needed, two pieces do it with fewer. */
export const mostCoefficients = 64;

export const activation: Rule<ActivationLayer> = {
  keys: ['kind', 'name', 'scale', 'params'],
  check(layer, place) {
    if (!(activationNames as readonly string[]).includes(layer.name)) {
      refuse(place, 'activation', unknownActivation(layer.name), { key: 'name' });
    }
    const check = checks(place, layer.name);
    check.factor('scale', layer.scale, 'refused');
    const wanted = activationRecord(layer.name).parameters.map((parameter) => parameter.name);
    if (!isRecord(layer.params)) {
      refuse(
        place,
        layer.name,
        `params: expected an object with ${wanted.join(', ') || 'no entries'}, got ${shown(layer.params)}`,
      );
    }
    for (const key of Object.keys(layer.params)) {
      if (!wanted.includes(key)) {
        refuse(
          place,
          layer.name,
          wanted.length === 0 ? `takes no parameter, got '${key}'` : unknownName('parameter', key, wanted),
        );
      }
    }
    for (const name of wanted) check.factor(name, (layer.params as ParameterValues)[name], 'allowed');
  },
  flow: (layer, state, place) => activated(state, place, layer.name),
  rows(layer, _turn, out) {
    add(out, activationRecord(layer.name).step(layer.scale, layer.params));
  },
};

export const tabulated: Rule<Tabulated> = {
  keys: ['kind', 'scale', 'pieces'],
  check(layer, place) {
    checks(place, 'tabulated').factor('scale', layer.scale, 'refused');
    const pieces: unknown = layer.pieces;
    if (!Array.isArray(pieces) || pieces.length < 1 || pieces.length > mostPieces) {
      refuse(place, 'tabulated', `pieces: expected an array of 1 to ${mostPieces} pieces, got ${shown(pieces)}`, {
        key: 'pieces',
      });
    }
    for (const [i, piece] of pieces.entries()) checkPiece(piece, i, place);
    for (const [i, next] of (pieces as readonly Piece[]).entries()) {
      if (i > 0) checkBorder(pieces[i - 1] as Piece, next, i, place);
    }
    if ((pieces as readonly Piece[]).every(({ coefficients }) => coefficients.every((value) => value === 0))) {
      refuse(place, 'tabulated', 'pieces: φ is 0 everywhere, which would make the kernel vanish', { key: 'pieces' });
    }
  },
  flow: (_layer, state, place) => activated(state, place, 'tabulated'),
  rows({ scale, pieces }, _turn, out) {
    const numbers = pieces.flatMap(({ from, to, coefficients }) => [from, to, coefficients.length, ...coefficients]);
    add(out, ['tabulated', scale, ...numbers]);
  },
};

/** What to say of a name that no activation has, or of what is no name. */
export function unknownActivation(name: unknown): string {
  const own = 'any other φ is a layer made with tabulate((u) => …).layer';
  if (typeof name === 'string') return `${unknownName('activation', name, activationNames)}; ${own}`;
  const known = `name: expected one of ${activationNames.join(', ')}, got ${shown(name)}`;
  if (typeof name !== 'function') return known;
  const [catalogued] = activationNames.filter((one) => one === name.name);
  return `${known}; ${catalogued === undefined ? own : `write '${catalogued}', or tabulate(Math.${catalogued}).layer`}`;
}

/** φ maps Gaussian units to others; what it leaves is as independent of a residual's input as what it met. */
function activated(state: Flow, place: Place, what: string): Flow {
  if (!state.gaussian) {
    const fresh = state.space === 'image' ? 'conv' : 'dense';
    refuse(
      place,
      what,
      `needs Gaussian input, but what reaches it went through an activation and no ${fresh} layer after; put ${fresh}() before it`,
    );
  }
  return { ...state, gaussian: false, dense: false };
}

function checkPiece(piece: unknown, i: number, place: Place): asserts piece is Piece {
  const key = `pieces[${i}]`;
  if (!isRecord(piece)) {
    refuse(place, 'tabulated', `${key}: expected an object with from, to and coefficients, got ${shown(piece)}`, {
      key,
    });
  }
  checkKeys(piece, ['from', 'to', 'coefficients'], place, `tabulated, ${key}`);
  for (const end of ['from', 'to']) {
    const value = piece[end];
    if (typeof value !== 'number' || !(Math.abs(value) <= mostReach)) {
      const problem = `${key}.${end}: expected a number from -${mostReach} to ${mostReach}, got ${shown(value)}`;
      refuse(place, 'tabulated', problem, { key });
    }
  }
  const [from, to] = [piece.from as number, piece.to as number];
  // The middle and half the length of a piece must be told apart from its ends.
  if (!(to - from > 1e-9 * Math.max(Math.abs(from), Math.abs(to)))) {
    refuse(place, 'tabulated', `${key}: expected from < to by more than 1e-9 of their size, got ${from} and ${to}`, {
      key,
    });
  }
  const { coefficients } = piece;
  if (!Array.isArray(coefficients) || coefficients.length < 1 || coefficients.length > mostCoefficients) {
    const problem = `expected an array of 1 to ${mostCoefficients} Chebyshev coefficients, got ${shown(coefficients)}`;
    refuse(place, 'tabulated', `${key}.coefficients: ${problem}; split the piece where it takes more`, { key });
  }
  for (const [k, value] of coefficients.entries()) {
    if (typeof value !== 'number' || !(Math.abs(value) <= mostValue)) {
      const problem = `expected a number of size at most ${mostValue}, got ${shown(value)}`;
      refuse(place, 'tabulated', `${key}.coefficients[${k}]: ${problem}`, { key });
    }
  }
}

/** Inputs and values of a table; their products stay far inside the range of doubles. */
const mostReach = 1e6;
const mostValue = 1e50;
/** What rounding may do to the two values at a border, relative to the sizes of their coefficients. */
const jumpTolerance = 1e-12;

function checkBorder(before: Piece, next: Piece, i: number, place: Place): void {
  const key = `pieces[${i}]`;
  if (next.from !== before.to) {
    const problem = `${key}.from: expected ${before.to}, where the piece before it ends, got ${next.from}`;
    refuse(place, 'tabulated', problem, { key });
  }
  const { jump, size } = jumpAt(before, next);
  if (Math.abs(jump) > jumpTolerance * size) {
    const problem = `φ jumps by ${Number(jump.toPrecision(3))} at ${next.from}, and a jump has no tangent kernel`;
    refuse(place, 'tabulated', `${key}: ${problem}; make the pieces meet, or take activation('sign') for its NNGP`, {
      key,
      at: next.from,
      jump,
    });
  }
}
