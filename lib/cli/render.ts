import { Worker } from 'node:worker_threads';
import type { CompareReport } from '../compare/schema.js';
import type { OutputDirectory } from '../data/atomic-write.js';
import { KernelError } from '../errors.js';
import type { DynamicsReport } from '../fitting/dynamics-schema.js';
import type { FitReport } from '../fitting/schema.js';
import type { RenderedReport } from '../report/render-sections.js';
import type { StudyReport } from '../studies/schema.js';

export type AnyReport = CompareReport | FitReport | DynamicsReport | StudyReport;

/** A KernelError of the other thread. */
export type Refusal = Pick<KernelError, 'code' | 'message' | 'details'>;

/** Renders a report in another thread: drawing takes seconds, in which Ctrl-C has to be heard. */
export function renderElsewhere(report: AnyReport): Promise<RenderedReport> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('../cli/render-worker.js', import.meta.url), { workerData: report });
    worker.once('message', (answer: RenderedReport | Refusal) => {
      if ('code' in answer) reject(new KernelError(answer.code, answer.message, answer.details));
      else resolve(answer);
    });
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the thread that draws the report ended early, with code ${code}`)));
  });
}

/** The page, the text, the numbers and the figures of a report. */
export async function writeReport(output: OutputDirectory, report: AnyReport): Promise<void> {
  const { html, markdown, figures } = await renderElsewhere(report);
  await output.write('report.html', html);
  await output.write('report.md', markdown);
  await output.write('report.json', `${JSON.stringify(report, null, 2)}\n`);
  for (const { name, svg, png } of figures) {
    await output.write(`figures/${name}.svg`, svg);
    await output.write(`figures/${name}.png`, png);
  }
}
