import { describe, expect, test } from 'vitest';
import { mathMarkup } from '../../lib/report/figures/math.js';

const italic = (letter: string) => `<tspan font-style="italic">${letter}</tspan>`;

describe('labels', () => {
  test.each([
    ['ResNet, α = 0.1', `ResNet, ${italic('α')} = 0.1`],
    ['Kernel κ(θ)/κ(0)', `Kernel ${italic('κ')}(${italic('θ')})/${italic('κ')}(0)`],
    ['Σα² = 2', `Σ${italic('α')}² = 2`],
    ['ResNet, α = 1/√L', `ResNet, ${italic('α')} = 1/√${italic('L')}`],
    ['0.5 cos t + sin 4t', `0.5 cos ${italic('t')} + sin 4${italic('t')}`],
    ['√(2s₀)', `√(2${italic('s')}₀)`],
    ['Total variation of f̂′', `Total variation of ${italic('f̂')}\u200a′`],
  ])('%s: quantities are in italics', (text, markup) => {
    expect(mathMarkup(text, 10)).toBe(markup);
  });

  test.each(['Accuracy (%)', 'A comparison of nets', '1e-3 and 2e6', 'Time (s)', 'my_net', 'MLP', 'τέχνη'])(
    '%s: words, numbers and units are not',
    (text) => expect(mathMarkup(text, 10)).toBe(text),
  );

  test('indices go down, powers up, and the line back to its base', () => {
    expect(mathMarkup('λ_max/λ_min ~ k^{−d} < 1', 10)).toBe(
      `${italic('λ')}<tspan font-size="7.4" dy="2.2">max</tspan><tspan dy="-2.2">/</tspan>${italic('λ')}` +
        '<tspan font-size="7.4" dy="2.2">min</tspan><tspan dy="-2.2"> ~ </tspan>' +
        `${italic('k')}<tspan font-size="7.4" dy="-3.6">−d</tspan><tspan dy="3.6"> &lt; 1</tspan>`,
    );
  });
});
