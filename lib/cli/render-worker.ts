/** Runs in a thread of its own: one report in, the rendered page and figures out. */
import { parentPort, workerData } from 'node:worker_threads';
import type { CompareReport } from '../compare/schema.js';
import { renderCompare } from '../report/index.js';

const rendered = renderCompare(workerData as CompareReport);
parentPort?.postMessage(rendered);
