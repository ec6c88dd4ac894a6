// @ts-check
// The suites in the order in which they run and are shown.
import { depth } from './depth.mjs';
import { eigen } from './eigen.mjs';
import { eventLoop } from './event-loop.mjs';
import { finite } from './finite.mjs';
import { gram } from './gram.mjs';
import { images } from './images.mjs';
import { latency } from './latency.mjs';
import { memory } from './memory.mjs';
import { models } from './models.mjs';
import { solve } from './solve.mjs';
import { steps } from './steps.mjs';
import { table } from './table.mjs';
import { threads } from './threads.mjs';

/** @type {readonly import('../harness/vocabulary.js').Suite[]} */
export const suites = [
  gram,
  depth,
  table,
  steps,
  images,
  eigen,
  solve,
  models,
  finite,
  threads,
  memory,
  latency,
  eventLoop,
];
