/** report.json of `resgram dynamics`. Infinity, which JSON has no word for, is the text "Infinity". Readers check `schema`. */

import type { DataSummary, RunProvenance } from '../compare/schema.js';
import type { KernelName } from '../evaluate.js';

export interface DynamicsReport {
  readonly schema: 1;
  readonly kind: 'dynamics';
  readonly version: string;
  readonly data: DataSummary;
  readonly protocol: DynamicsProtocol;
  /** Ascending. */
  readonly moments: readonly Moment[];
  /** Of the validation loss. */
  readonly earlyStopping: {
    readonly time: Time;
    readonly loss: number;
    readonly lossAtStart: number;
    readonly lossAtEnd: number;
  } | null;
  /** Eigendirections of the Gram matrix, largest eigenvalue first. */
  readonly modes: readonly Mode[];
  readonly rank: number;
  /** Gradient descent converges for step sizes below it. */
  readonly stabilityLimit: Time;
  readonly provenance: RunProvenance;
}

export type Time = number | 'Infinity';

export interface DynamicsProtocol {
  readonly label: string;
  readonly network: unknown;
  readonly kernel: KernelName;
  readonly method: 'flow' | 'descent';
  readonly learningRate: number;
  /** Relative to the mean diagonal. */
  readonly ridge: number;
  readonly scaling: 'none' | 'columns' | 'sphere';
  readonly trainRows: number;
  readonly validationRows: number;
  readonly metric: 'error rate' | 'rmse';
  readonly seed: number;
}

export interface Moment {
  readonly time: Time;
  readonly trainLoss: number;
  readonly validationLoss: number;
  /** Error rate or root mean squared error of the validation rows. */
  readonly validationError: number;
}

export interface Mode {
  readonly eigenvalue: number;
  /** exp(−rate · time) of the residual along it is left. */
  readonly rate: Time;
  /** Its part of the squared residuals at the start. */
  readonly share: number;
}
