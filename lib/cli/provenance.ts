import type { Command } from 'commander';
import { info } from '../info.js';
import { repeatCommand } from './repeat-command.js';

/** Where a number comes from: enough to make it again, and the same for two runs. */
export interface CommandProvenance {
  readonly blas: string;
  readonly simd: string;
  readonly platform: string;
  readonly node: string;
  readonly command: string;
}

export function provenance(command: Command, files: readonly string[]): CommandProvenance {
  const { blas, simd, platform, node } = info();
  return { blas, simd, platform, node, command: repeatCommand(command, files) };
}
