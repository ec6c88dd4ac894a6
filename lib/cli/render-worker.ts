/** Runs in a thread of its own: one report in, the rendered page and figures out. */
import { parentPort, workerData } from 'node:worker_threads';
import { renderFit } from '../report/fit/index.js';
import { renderCompare } from '../report/index.js';
import type { AnyReport } from './render.js';

const report = workerData as AnyReport;
parentPort?.postMessage(report.kind === 'fit' ? renderFit(report) : renderCompare(report));
