import { createRequire } from 'node:module';
import type { Resvg } from '@resvg/resvg-js';
import { KernelError } from '../../errors.js';

const require = createRequire(import.meta.url);
const fonts = ['DejaVuSans.ttf', 'DejaVuSans-Oblique.ttf', 'DejaVuSans-Bold.ttf', 'DejaVuSans-BoldOblique.ttf'].map(
  (file) => require.resolve(`dejavu-fonts-ttf/ttf/${file}`),
);

/** The painter, which is native itself, a package of its own for each platform: npm leaves it out where it leaves out ours. */
function painter(): typeof Resvg {
  try {
    return (require('@resvg/resvg-js') as { Resvg: typeof Resvg }).Resvg;
  } catch (error) {
    const [why = ''] = String((error as Error).message).split('\n');
    throw new KernelError(
      'ERR_NATIVE_LOAD',
      `figures cannot be written as PNG, @resvg/resvg-js does not load (${why}); 'npm install --include=optional' installs its part for this ` +
        'platform where optional dependencies were left out',
      { package: '@resvg/resvg-js' },
      { cause: error },
    );
  }
}

/** A standalone SVG as PNG at twice its size. Only the fonts that come with the package are used: same bytes everywhere. */
export function rasterise(svg: string): Uint8Array {
  const image = new (painter())(svg, {
    fitTo: { mode: 'zoom', value: 2 },
    font: { fontFiles: fonts, loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans' },
  });
  return image.render().asPng();
}
