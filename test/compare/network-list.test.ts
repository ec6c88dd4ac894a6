import { describe, expect, test } from 'vitest';
import { type CommonParts, networkList } from '../../lib/compare/network-list.js';
import { KernelError } from '../../lib/errors.js';

const common: CommonParts = { activation: 'relu', bias: null, inputScale: '1' };
const list = (networks?: string, convention?: string) => networkList(networks, convention, common);

function refusalOf(networks: string, convention?: string): KernelError {
  try {
    list(networks, convention);
  } catch (error) {
    if (error instanceof KernelError) return error;
    throw error;
  }
  throw new Error(`'${networks}' was accepted`);
}

describe('networks as words', () => {
  test('the default is one MLP and four ResNets in one convention', () => {
    const { convention, contestants } = list();
    expect(convention).toBe('huang');
    expect(contestants.map(({ id }) => id)).toEqual(['mlp', 'resnet-g1', 'resnet-g0.5', 'resnet-a0.1', 'resnet-a1']);
    expect(contestants.map(({ alpha }) => alpha)).toEqual(['', 'α = 1/L', 'α = 1/√L', 'α = 0.1', 'α = 1']);
    expect(contestants[0]?.spec).toEqual({ preset: 'mlp', convention: 'huang', activation: 'relu', inputScale: '1' });
    expect(contestants[2]?.spec).toEqual({
      preset: 'huang',
      alpha: { gamma: 0.5 },
      activation: 'relu',
      inputScale: '1',
    });
  });

  test('α is a number, a fraction or a rule', () => {
    expect(list('resnet:0.25,resnet:1/40').contestants.map(({ id }) => id)).toEqual(['resnet-a0.25', 'resnet-a0.025']);
    expect(list('resnet:alpha=.5').contestants[0]?.label).toBe('ResNet α = 0.5');
    expect(list('resnet:gamma=0.75').contestants[0]?.alpha).toBe('α = L^-3/4');
  });

  test('the convention reaches MLP and ResNet alike', () => {
    const { contestants } = list('mlp,resnet:0.1', 'tirer');
    expect(contestants.map(({ spec }) => spec.preset)).toEqual(['mlp', 'tirer']);
    expect(contestants[0]?.spec).toMatchObject({ convention: 'tirer' });
  });

  test('a network that names its paper sets the convention for the others', () => {
    const { convention, contestants } = list('mlp,tirer:0.1');
    expect(convention).toBe('tirer');
    expect(contestants[0]?.spec).toMatchObject({ preset: 'mlp', convention: 'tirer' });
  });

  test('the one-matrix ResNet, beside the MLP of its convention and with its activation', () => {
    const { convention, contestants } = networkList('mlp,li,li:0.3', undefined, { bias: null, inputScale: '1' });
    expect(convention).toBe('li');
    expect(contestants.map(({ id }) => id)).toEqual(['mlp', 'li-c1', 'li-c0.3']);
    expect(contestants.map(({ family }) => family)).toEqual(['mlp', 'resnet', 'resnet']);
    expect(contestants.map(({ alpha }) => alpha)).toEqual(['', 'α = 1/L', 'α = 0.3/L']);
    expect(contestants[0]?.spec).toEqual({ preset: 'mlp', convention: 'li', activation: 'gelu', inputScale: '1' });
    expect(contestants[2]?.spec).toEqual({ preset: 'li', residualScale: 0.3, activation: 'gelu', inputScale: '1' });
    const byConvention = networkList(undefined, 'li', common).contestants;
    expect(byConvention.map(({ id }) => id)).toEqual(['mlp', 'li-c0.3', 'li-c1', 'li-c3']);
    expect(byConvention[1]?.spec.activation).toBe('relu');
  });

  test('activation and bias are common to all', () => {
    const bias = { var: 1, init: 'zero', trainable: true } as const;
    const { contestants } = networkList('mlp,resnet:1', undefined, { activation: 'erf', bias, inputScale: '1/d' });
    for (const { spec } of contestants) expect(spec).toMatchObject({ activation: 'erf', bias, inputScale: '1/d' });
  });
});

describe('networks as JSON', () => {
  test('a specification means itself, its depth left open', () => {
    const { contestants } = list('[{"preset":"huang","alpha":0.3,"depth":7},{"preset":"mlp","convention":"huang"}]');
    expect(contestants.map(({ id }) => id)).toEqual(['resnet-a0.3', 'mlp']);
    expect(contestants[0]?.spec).not.toHaveProperty('depth');
  });

  test('two variants of one α keep ids of their own', () => {
    const { contestants } = list('[{"preset":"huang","alpha":0.3},{"preset":"huang","alpha":0.3,"activation":"erf"}]');
    expect(contestants.map(({ id }) => id)).toEqual(['resnet-a0.3', 'resnet-a0.3-v2']);
    expect(contestants[1]?.label).toBe('ResNet α = 0.3 (variant 2)');
  });
});

describe('refusals say what helps', () => {
  test.each([
    [
      'resent:0.1',
      "networks: unknown network 'resent'; did you mean 'resnet'? known: mlp, resnet, huang, belfer, tirer, li",
    ],
    ['resnet:gama=1', "'resnet:gama=1': unknown setting 'gama'; did you mean 'gamma'? known: alpha, gamma"],
    ['resnet', "'resnet': expected α as in 'resnet:0.1', or 'resnet:gamma=0.5' for α = L^-0.5"],
    ['resnet:-1', "'resnet:-1': expected α as in 'resnet:0.1'"],
    ['resnet:0', "'resnet:0': expected α as in 'resnet:0.1'"],
    ['resnet:1/0', "'resnet:1/0': expected α as in 'resnet:0.1'"],
    ['mlp:3', "'mlp:3': an MLP has no α; write 'mlp'"],
    ['li:', "'li:': expected c_res as in 'li:0.3', for residual branches of scale 0.3/L, or 'li' for c_res = 1"],
    ['li:0', "'li:0': expected c_res as in 'li:0.3'"],
    ['li:gamma=1', "'li:gamma=1': expected c_res as in 'li:0.3'"],
    ['li,resnet:1', "'resnet:1': the ResNet of 'li' has c_res/L for α; write 'li:0.3' for c_res = 0.3"],
    ['huang:1,li', "expected networks of one convention ('huang'), got 'li' of 'li'"],
    ['mlp,,resnet:1', 'got an empty place'],
    ['mlp,mlp', "expected each network once, got 'mlp' again"],
    ['[{"preset":"huang","alpha":0.1', 'expected JSON, got text that ends early'],
    ['[{"preset":"hung","alpha":0.1}]', "unknown preset 'hung'; did you mean 'huang'?"],
    ['[{"kind":"serial","layers":[]}]', 'expected presets, whose depth can vary, got a network of layers'],
    ['{"preset":"cntk","head":"pool"}', 'a comparison is of networks on vectors, and images enter it flattened'],
    ['[]', 'expected at least one network, got none'],
  ])('%s', (networks, message) => {
    expect(refusalOf(networks).message).toContain(message);
  });

  test('two conventions in one comparison', () => {
    expect(refusalOf('huang:0.1,tirer:0.1').message).toContain(
      "expected networks of one convention ('huang'), got 'tirer:0.1' of 'tirer'",
    );
    expect(refusalOf('[{"preset":"huang","alpha":1},{"preset":"mlp"}]').message).toContain(
      '\'jacot\'; "convention": "huang" makes this MLP match',
    );
    expect(refusalOf('tirer:1', 'huang').message).toContain(
      `; "preset": "huang" is the ResNet of 'huang', or take the convention of this one for all (convention=tirer)`,
    );
    expect(refusalOf('tirer:1', 'jacot').message).toMatch(/'tirer'; take the convention .*\(convention=tirer\)$/);
    expect(refusalOf('tirer:1', 'huang').message).toContain("of one convention ('huang')");
  });

  test('a convention that is not known, or that has no ResNet', () => {
    expect(refusalOf('mlp', 'hueng').message).toContain("unknown convention 'hueng'; did you mean 'huang'?");
    expect(refusalOf('resnet:1', 'jacot').message).toContain("the convention 'jacot' has no ResNet");
    expect(list(undefined, 'jacot').contestants.map(({ id }) => id)).toEqual(['mlp']);
  });
});
