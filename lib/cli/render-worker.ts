/** Runs in a thread of its own: one report in, the rendered page and figures out. */
import { parentPort, workerData } from 'node:worker_threads';
import { KernelError } from '../errors.js';
import { renderDynamics } from '../report/dynamics/index.js';
import { renderFit } from '../report/fit/index.js';
import { renderCompare } from '../report/index.js';
import type { RenderedReport } from '../report/render-sections.js';
import { renderStudy } from '../report/study/index.js';
import type { AnyReport, Refusal } from './render.js';

function rendered(report: AnyReport): RenderedReport {
  switch (report.kind) {
    case 'compare':
      return renderCompare(report);
    case 'fit':
      return renderFit(report);
    case 'dynamics':
      return renderDynamics(report);
    case 'study':
      return renderStudy(report);
  }
}

try {
  parentPort?.postMessage(rendered(workerData as AnyReport));
} catch (error) {
  // A thrown error reaches the other thread without its class.
  if (!(error instanceof KernelError)) throw error;
  const { code, message, details } = error;
  parentPort?.postMessage({ code, message, details } satisfies Refusal);
}
