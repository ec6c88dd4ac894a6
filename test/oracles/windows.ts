/** Which pixels a filter or a pooling window reads, written out as a list. */

import type { Numbers } from './matrix.js';

/** Height and width; the height of a line is 1. */
export type Grid = readonly [height: number, width: number];

/** Channels × (inputs · pixels): the pixels of the first input, those of the second, and so on. A vector has one pixel. */
export interface Signal {
  readonly channels: number;
  readonly grid: Grid;
  readonly values: Numbers;
}

export interface Windows {
  readonly grid: Grid;
  /** Pixels in one window. */
  readonly size: number;
  /** Of every output pixel, the pixels of its window in order; −1 for one beyond the edge, which reads 0. */
  readonly pixels: readonly (readonly number[])[];
}

export const area = ([height, width]: Grid): number => height * width;

interface Axis {
  readonly places: number;
  /** Positions that the window at a place reads; −1 beyond the edge. */
  readonly reads: (place: number) => number[];
}

function axis(extent: number, size: number, stride: number, padding: 'valid' | 'same' | 'circular'): Axis {
  const before = padding === 'valid' ? 0 : (size - 1) / 2;
  const places = padding === 'valid' ? Math.floor((extent - size) / stride) + 1 : Math.ceil(extent / stride);
  const reads = (place: number): number[] =>
    Array.from({ length: size }, (_, k) => {
      const position = place * stride + k - before;
      if (padding === 'circular') return (position + extent) % extent;
      return position >= 0 && position < extent ? position : -1;
    });
  return { places, reads };
}

/** The windows of size^D pixels on a grid, where D is 1 for a line and 2 otherwise. */
export function windows(
  [height, width]: Grid,
  size: number,
  stride: number,
  padding: 'valid' | 'same' | 'circular',
  isLine: boolean,
): Windows {
  const rows = isLine ? axis(1, 1, 1, 'valid') : axis(height, size, stride, padding);
  const columns = axis(width, size, stride, padding);
  const pixels: number[][] = [];
  for (let y = 0; y < rows.places; y++) {
    for (let x = 0; x < columns.places; x++) {
      const window = rows
        .reads(y)
        .flatMap((row) => columns.reads(x).map((column) => (row < 0 || column < 0 ? -1 : row * width + column)));
      pixels.push(window);
    }
  }
  return { grid: [rows.places, columns.places], size: isLine ? size : size * size, pixels };
}

/** Every window as one pixel with size · channels channels, so that a convolution is a dense layer on each of them. */
export function unfold(signal: Signal, inputs: number, { grid, size, pixels }: Windows): Signal {
  const channels = size * signal.channels;
  const values = new Float64Array(channels * inputs * area(grid));
  each(signal, inputs, { grid, size, pixels }, (from, to) => {
    values[to] = signal.values[from] as number;
  });
  return { channels, grid, values };
}

/** Derivatives by the windows, collected at the pixels that the windows read. */
export function fold(derivatives: Numbers, signal: Signal, inputs: number, where: Windows): Numbers {
  const out = new Float64Array(signal.values.length);
  each(signal, inputs, where, (from, to) => {
    out[from] = (out[from] as number) + (derivatives[to] as number);
  });
  return out;
}

function each(signal: Signal, inputs: number, where: Windows, visit: (from: number, to: number) => void): void {
  const before = area(signal.grid);
  const after = area(where.grid);
  for (let k = 0; k < where.size; k++) {
    for (let c = 0; c < signal.channels; c++) {
      for (let i = 0; i < inputs; i++) {
        for (let p = 0; p < after; p++) {
          const pixel = (where.pixels[p] as number[])[k] as number;
          if (pixel < 0) continue;
          visit((c * inputs + i) * before + pixel, ((k * signal.channels + c) * inputs + i) * after + p);
        }
      }
    }
  }
}
