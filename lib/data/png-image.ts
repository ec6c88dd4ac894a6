/** One PNG file as whole numbers: grey or RGB, of 8 or 16 bits per sample. */

import type { convertIndexedToRgb, DecodedPng } from 'fast-png';
import { KernelError } from '../errors.js';

export interface PngImage {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  /** 255 or 65535: white. */
  readonly white: 255 | 65535;
  /** Row by row, channels fastest. */
  readonly samples: Uint8Array | Uint16Array;
}

/** A side that no image for a kernel has; a damaged header may announce anything. */
const maxSide = 2 ** 14;

/**
 * Decodes a PNG of any kind. Palettes become RGB, and 1, 2 and 4 bits become 8. An alpha channel is dropped where every
 * pixel is opaque; what lies behind transparent ones nobody knows, so they are refused. Throws ERR_DATA with the file.
 */
export async function decodePng(content: Uint8Array, file: string): Promise<PngImage> {
  const header = new DataView(content.buffer, content.byteOffset, content.byteLength);
  if (content.length < 33 || header.getUint32(12) !== 0x49484452) throw damaged(file, 'the header is missing');
  const [width, height] = [header.getUint32(16), header.getUint32(20)];
  if (width < 1 || height < 1 || width > maxSide || height > maxSide) {
    throw damaged(file, `the header announces ${height} × ${width} pixels; expected sides from 1 to ${maxSide}`);
  }
  // Few callers have images, and all would wait for the decoder when they import the package.
  const codec = await import('fast-png');
  let png: DecodedPng;
  let whole: DecodedPng;
  try {
    png = codec.decode(content, { checkCrc: true });
    whole = unpacked(png, codec.convertIndexedToRgb);
  } catch (cause) {
    throw damaged(file, (cause as Error).message, cause);
  }
  const { channels, data } = whole;
  if (data.length !== height * width * channels) throw damaged(file, 'pixels are missing');
  refuseTransparent(whole, file);
  const samples = channels === 2 || channels === 4 ? withoutAlpha(whole) : data;
  return {
    height,
    width,
    channels: channels <= 2 ? 1 : 3,
    white: whole.depth === 16 ? 65535 : 255,
    samples: samples as PngImage['samples'],
  };
}

/** Palettes looked up; several samples in one byte spread out, and stretched to 0…255. */
function unpacked(png: DecodedPng, toRgb: typeof convertIndexedToRgb): DecodedPng {
  const { palette, depth, width, height, data } = png;
  if (palette !== undefined && png.channels === 1) {
    const channels = palette[0]?.length ?? 0;
    return { ...png, depth: 8, channels, data: toRgb(png), palette: [] };
  }
  if (depth >= 8) return png;
  const out = new Uint8Array(width * height);
  const perRow = Math.ceil((width * depth) / 8);
  if (data.length !== perRow * height) return png;
  const most = 2 ** depth - 1;
  const transparency = png.transparency?.map((value) => (value * 255) / most);
  for (let i = 0; i < out.length; i++) {
    const bit = (i % width) * depth;
    const byte = data[Math.floor(i / width) * perRow + (bit >> 3)] as number;
    out[i] = (((byte >> (8 - depth - (bit & 7))) & most) * 255) / most;
  }
  return { ...png, depth: 8, data: out, ...(transparency === undefined ? {} : { transparency }) };
}

function refuseTransparent({ channels, data, depth, width, transparency }: DecodedPng, file: string): void {
  const opaque = depth === 16 ? 65535 : 255;
  const hasAlpha = channels === 2 || channels === 4;
  if (!hasAlpha && transparency === undefined) return;
  for (let pixel = 0; pixel * channels < data.length; pixel++) {
    const from = pixel * channels;
    const through = hasAlpha
      ? data[from + channels - 1] !== opaque
      : (transparency as Uint16Array).every((value, c) => data[from + c] === value);
    if (!through) continue;
    const [row, column] = [Math.floor(pixel / width), pixel % width];
    throw new KernelError(
      'ERR_DATA',
      `${file}: the pixel in row ${row}, column ${column} is transparent; expected opaque images, so flatten them onto a ` +
        'background first',
      { file, row, column },
    );
  }
}

function withoutAlpha({ channels, data }: DecodedPng): DecodedPng['data'] {
  return data.filter((_value: number, i: number) => i % channels !== channels - 1);
}

function damaged(file: string, problem: string, cause?: unknown): KernelError {
  return new KernelError('ERR_DATA', `${file} is not a sound PNG image: ${problem}`, { file }, { cause });
}
