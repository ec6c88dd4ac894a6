import { Worker } from 'node:worker_threads';
import type { CompareReport } from '../compare/schema.js';
import type { RenderedReport } from '../report/index.js';

/** Renders a report in another thread: drawing takes seconds, in which Ctrl-C has to be heard. */
export function renderElsewhere(report: CompareReport): Promise<RenderedReport> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./render-worker.js', import.meta.url), { workerData: report });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the thread that draws the report ended early, with code ${code}`)));
  });
}
