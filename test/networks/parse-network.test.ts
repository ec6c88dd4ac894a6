import fc from 'fast-check';
import { expect, describe as group, test } from 'vitest';
import { KernelError } from '../../lib/errors.js';
import { dense, repeat, residual, serial } from '../../lib/layers.js';
import { lower } from '../../lib/lower.js';
import { parseNetwork, parseNetworkText } from '../../lib/parse-network.js';
import { huang, mlp, network, tirer } from '../../lib/presets.js';
import { isDeeplyFrozen, refusal } from './refusals.js';

group('what is right', () => {
  test('a preset stays a preset', () => {
    const spec = parseNetwork({ preset: 'tirer', depth: 5, alpha: 0.1, activation: 'relu' });
    expect(spec).toEqual({ preset: 'tirer', depth: 5, alpha: 0.1, activation: 'relu' });
    expect(network(spec)).toEqual(tirer({ depth: 5, alpha: 0.1 }));
    expect(isDeeplyFrozen(spec)).toBe(true);
  });
  test('every form of α', () => {
    for (const alpha of [0.1, [0.1, 0.2], { gamma: 0.5 }]) {
      expect(network(parseNetwork({ preset: 'huang', depth: 2, alpha }))).toEqual(huang({ depth: 2, alpha }));
    }
  });
  test('a depth may be left open where several are asked for', () => {
    expect(parseNetwork({ preset: 'mlp' }, { depth: 'open' })).toEqual({ preset: 'mlp' });
    expect(parseNetwork({ preset: 'huang', alpha: [1, 2] }, { depth: 'open' })).toEqual({
      preset: 'huang',
      alpha: [1, 2],
    });
    expect(refusal(() => parseNetwork({ preset: 'mlp' })).message).toMatch(/^mlp: depth: expected an integer/);
  });
  test('a layer gets its defaults written out', () => {
    const parsed = parseNetwork({
      kind: 'serial',
      layers: [
        { kind: 'dense', inputScale: '1' },
        {
          kind: 'repeat',
          times: 2,
          layer: {
            kind: 'residual',
            body: {
              kind: 'serial',
              layers: [{ kind: 'dense' }, { kind: 'activation', name: 'relu' }, { kind: 'dense' }],
            },
          },
        },
        { kind: 'dense', trainable: false },
      ],
    });
    const body = serial(dense(), { kind: 'activation', name: 'relu', scale: 1, params: {} }, dense());
    expect(parsed).toEqual(serial(dense({ inputScale: '1' }), repeat(2, residual(body)), dense({ trainable: false })));
    expect(isDeeplyFrozen(parsed)).toBe(true);
  });
  test('an activation of a preset too', () => {
    const spec = parseNetwork({
      preset: 'mlp',
      depth: 1,
      activation: { kind: 'activation', name: 'leakyRelu', params: { slope: 0.1 } },
    });
    expect(lower(network(spec)).steps).toContainEqual(['relu', 1, 0.1]);
  });
  test('what prints parses', () => {
    for (const layer of [mlp({ depth: 3 }), huang({ depth: 2, alpha: [0.1, 0.2] })]) {
      expect(parseNetworkText(JSON.stringify(layer))).toEqual(layer);
    }
  });
});

group('what is refused', () => {
  const cases: [what: string, text: string, path: string, message: RegExp][] = [
    ['no JSON', '{"preset": "mlp",', '', /^expected JSON: a layer \(\{"kind"/],
    ['nothing', '', '', /^expected JSON/],
    ['null', 'null', '', /^network: expected a layer .* got null$/],
    ['a list', '[]', '', /got an array of 0/],
    ['a name', '"mlp"', '', /got 'mlp'/],
    ['an empty object', '{}', '', /got an object with no keys/],
    ['another object', '{"type": "mlp"}', '', /got an object with 'type'/],
    ['both', '{"kind": "dense", "preset": "mlp"}', '', /both a kind and a preset/],
    ['a misspelt preset', '{"preset": "tirrer", "depth": 1, "alpha": 1}', '', /did you mean 'tirer'\?/],
    [
      'a misspelt key',
      '{"preset": "mlp", "depth": 1, "bais": null}',
      '',
      /^mlp: unknown key 'bais'; did you mean 'bias'/,
    ],
    ['depth as text', '{"preset": "mlp", "depth": "5"}', '', /depth: expected an integer .*, got '5'/],
    ['depth null', '{"preset": "mlp", "depth": null}', '', /got null/],
    ['depth 1e999', '{"preset": "mlp", "depth": 1e999}', '', /got Infinity/],
    ['alpha true', '{"preset": "huang", "depth": 1, "alpha": true}', '', /alpha: expected a number ≥ 0.*got true/],
    ['alpha text', '{"preset": "huang", "depth": 1, "alpha": "L^-0.5"}', '', /"gamma": number.*got 'L\^-0.5'/],
    ['alpha infinite', '{"preset": "huang", "depth": 1, "alpha": 1e999}', '', /got Infinity/],
    ['alpha in list', '{"preset": "huang", "depth": 1, "alpha": ["a"]}', '', /alpha\[0\]: expected a finite/],
    ['an open list of α', '{"preset": "huang", "depth": 2, "alpha": []}', '', /expected 2 numbers/],
    ['activation 7', '{"preset": "mlp", "depth": 1, "activation": 7}', 'activation', /expected a layer, .* got 7/],
    ['__proto__', '{"preset": "mlp", "depth": 1, "__proto__": {"alpha": 1}}', '', /unknown key '__proto__'/],
    ['only __proto__', '{"__proto__": {"preset": "mlp", "depth": 1}}', '', /got an object with '__proto__'/],
    [
      '__proto__ in a rule',
      '{"preset": "huang", "depth": 1, "alpha": {"__proto__": {"gamma": 1}}}',
      'alpha',
      /'__proto__'/,
    ],
    ['__proto__ as kind', '{"kind": "__proto__"}', '', /unknown kind of layer '__proto__'/],
    ['constructor as kind', '{"kind": "constructor"}', '', /unknown kind of layer/],
    [
      '__proto__ in a layer',
      '{"kind": "dense", "inputScale": "1", "__proto__": {"weightVar": 9}}',
      '',
      /unknown key '__proto__'/,
    ],
    ['constructor key', '{"kind": "dense", "inputScale": "1", "constructor": 1}', '', /unknown key 'constructor'/],
    ['kind of number', '{"kind": 3}', '', /kind: expected one of/],
    [
      'a repeat of nothing',
      '{"kind": "serial", "layers": [{"kind": "dense", "inputScale": "1"}, {"kind": "repeat", "times": 2}]}',
      'layers[1].layer',
      /^layers\[1\]\.layer \(layer\): expected a layer.*got nothing/,
    ],
    [
      'no head',
      '{"kind": "serial", "layers": [{"kind": "dense", "inputScale": "1"}, {"kind": "activation", "name": "relu"}]}',
      '',
      /must end in a dense layer/,
    ],
    ['bias text', '{"kind": "dense", "inputScale": "1", "bias": "yes"}', '', /bias: expected null or an object/],
  ];
  test.each(cases)('%s', (_what, text, path, message) => {
    const error = refusal(() => parseNetworkText(text));
    expect(error.message).toMatch(message);
    expect(error.details.path).toBe(path);
  });
  test('a very deep nest, without running out of stack', () => {
    const text = `${'{"kind":"serial","layers":['.repeat(5000)}{"kind":"dense"}${']}'.repeat(5000)}`;
    expect(refusal(() => parseNetworkText(text)).message).toMatch(/at most 100 nested layers/);
    const body = `${'{"kind":"residual","body":'.repeat(5000)}{"kind":"dense"}${'}'.repeat(5000)}`;
    expect(refusal(() => parseNetworkText(body)).message).toMatch(/at most 100 nested layers/);
    const list = `{"preset":"huang","depth":1,"alpha":${'['.repeat(5000)}${']'.repeat(5000)}}`;
    expect(refusal(() => parseNetworkText(list)).message).toMatch(/nested/);
  });
  test('nothing reaches the prototype of objects', () => {
    try {
      parseNetworkText('{"preset": "mlp", "depth": 1, "__proto__": {"polluted": true}}');
    } catch {
      // Refused, as tested above.
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

test('any JSON is a network or an ERR_NETWORK with a path', () => {
  const key = fc.constantFrom(
    'kind',
    'preset',
    'layers',
    'layer',
    'body',
    'shortcut',
    'depth',
    'alpha',
    'gamma',
    'times',
    'bodyScale',
    'name',
    'scale',
    'params',
    'bias',
    'var',
    'weightVar',
    'inputScale',
    '__proto__',
  );
  const word = fc.constantFrom(
    'dense',
    'activation',
    'serial',
    'repeat',
    'residual',
    'scale',
    'mlp',
    'huang',
    'relu',
    'erf',
    '1',
    '1/d',
    'identity',
  );
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { depthSize: 'small' },
      word,
      fc.double(),
      fc.integer({ min: -2, max: 5 }),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('json'), { maxLength: 4 }),
      fc.dictionary(key, tie('json'), { maxKeys: 6 }),
    ),
  }));
  fc.assert(
    fc.property(json, (value) => {
      try {
        lower(network(parseNetwork(value)));
      } catch (error) {
        expect(error).toBeInstanceOf(KernelError);
        expect((error as KernelError).code).toBe('ERR_NETWORK');
        expect(typeof (error as KernelError).details.path).toBe('string');
      }
    }),
    { seed: 20, numRuns: 3000 },
  );
});
