import { describe, expect, test } from 'vitest';
import { mathMarkup } from '../../lib/report/figures/math.js';
import { prose } from '../../lib/report/prose.js';

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

  test('a bracket that holds a power together is not drawn', () => {
    expect(mathMarkup('L^(1−2γ)', 10)).toBe(`${italic('L')}<tspan font-size="7.4" dy="-3.6">1−2γ</tspan>`);
    expect(mathMarkup('e^(−t)', 10)).toBe(`${italic('e')}<tspan font-size="7.4" dy="-3.6">−t</tspan>`);
  });

  test('indices go down, powers up, and the line back to its base', () => {
    expect(mathMarkup('λ_max/λ_min ~ k^{−d} < 1', 10)).toBe(
      `${italic('λ')}<tspan font-size="7.4" dy="2.2">max</tspan><tspan dy="-2.2">/</tspan>${italic('λ')}` +
        '<tspan font-size="7.4" dy="2.2">min</tspan><tspan dy="-2.2"> ~ </tspan>' +
        `${italic('k')}<tspan font-size="7.4" dy="-3.6">−d</tspan><tspan dy="3.6"> &lt; 1</tspan>`,
    );
  });
});

describe('sentences', () => {
  const shown = (text: string) =>
    prose(text)
      .map((part) => (typeof part === 'string' ? part : 'text' in part ? `<${part.kind} ${part.text}>` : ''))
      .join('');
  test.each([
    ['falls like k^−d, as the MLP’s', 'falls like k<power −d>, as the MLP’s'],
    ['the rate L^(½−γ): far', 'the rate L<power ½−γ>: far'],
    ['e^(−λt/2n) of', 'e<power −λt/2n> of'],
    ['k^−(C₀+2) and 2^(d−2) Γ', 'k<power −(C₀+2)> and 2<power d−2> Γ'],
    ['of the order m^−½.', 'of the order m<power −½>.'],
    ['‖K_t − K₀‖ and λ_max/λ_min', '‖K<index t> − K₀‖ and λ<index max>/λ<index min>'],
    ['Ω̄_L − Ω̄₁', 'Ω̄<index L> − Ω̄₁'],
    ['without any', 'without any'],
  ])('%s', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });
});
