import { activation, conv, dense, type Head, head, type Layer, repeat, residual, serial } from '../../layers.js';

interface BlockOptions {
  /** Of the filters before and after the activation. */
  readonly sizes: readonly [inner: number, outer: number];
  readonly read: Head['read'];
  /** The pixel of a 'pixel' head; default the first. */
  readonly at?: readonly number[];
}

const padding = 'circular';

/** The block of the ResNet on images: two filters, with the activation between them. */
export function blockOf([inner, outer]: BlockOptions['sizes']): Layer {
  return serial(conv(inner, { padding }), activation('relu', { scale: Math.SQRT2 }), conv(outer, { padding }));
}

/** First layer and head of that ResNet, and anything between them.                                         [ResCNTK] */
export function between({ read, at }: Pick<BlockOptions, 'read' | 'at'>, ...body: readonly Layer[]): Layer {
  return serial(conv(1, { padding, inputScale: '1/d' }), ...body, head(read, at), dense());
}

/** `depth` blocks, with skips or, where α is null, in a chain: both have the same layers. */
export function blocksOf(depth: number, alpha: number | null, options: BlockOptions): Layer {
  const block = blockOf(options.sizes);
  return between(options, repeat(depth, alpha === null ? block : residual(block, { bodyScale: alpha })));
}
