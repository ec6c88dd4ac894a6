import { KernelError } from '../errors.js';
import { looksLikeIdx } from './idx.js';
import { looksLikeNpy } from './npy.js';
import { looksLikeZip } from './npz.js';

export type Format = 'table' | 'npy' | 'npz' | 'idx';

/** Formats that are recognised only to say what helps. */
const unread: readonly { readonly begins: string; readonly what: string; readonly remedy: string }[] = [
  { begins: 'PAR1', what: 'a Parquet file', remedy: 'save it as CSV' },
  { begins: 'ARROW1', what: 'an Arrow file', remedy: 'save it as CSV' },
  { begins: '\x89HDF', what: 'an HDF5 file', remedy: 'save the arrays as .npz' },
  {
    begins: '\x89PNG',
    what: 'a PNG image',
    remedy: 'give the folder of the images, or collect them in an .npy array [n, height, width]',
  },
  { begins: '\xff\xd8\xff', what: 'a JPEG image', remedy: 'collect the images in an .npy array [n, height, width, 3]' },
  { begins: 'BZh', what: 'bzip2 data', remedy: 'decompress it first; gzip is read as it is' },
  { begins: '\xfd7zXZ', what: 'xz data', remedy: 'decompress it first; gzip is read as it is' },
  { begins: '\x28\xb5\x2f\xfd', what: 'zstd data', remedy: 'decompress it first; gzip is read as it is' },
  {
    begins: '\x80\x02',
    what: 'a Python pickle',
    remedy: 'save the arrays as .npz; pickles can run code and are never read',
  },
  {
    begins: '\x80\x03',
    what: 'a Python pickle',
    remedy: 'save the arrays as .npz; pickles can run code and are never read',
  },
  {
    begins: '\x80\x04',
    what: 'a Python pickle',
    remedy: 'save the arrays as .npz; pickles can run code and are never read',
  },
  { begins: '%PDF', what: 'a PDF file', remedy: 'save the table as CSV' },
];

/** The format of a file by its first bytes; the name does not matter. */
export function formatOf(content: Uint8Array, name: string): Format {
  if (looksLikeNpy(content)) return 'npy';
  if (looksLikeZip(content)) return 'npz';
  if (looksLikeIdx(content)) return 'idx';
  const start = Buffer.from(content.subarray(0, 8)).toString('latin1');
  const other = unread.find(({ begins }) => start.startsWith(begins));
  if (other !== undefined) {
    throw new KernelError('ERR_DATA', `${name} is ${other.what}, which is not read; ${other.remedy}`, { file: name });
  }
  return 'table';
}
