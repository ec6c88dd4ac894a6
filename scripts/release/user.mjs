// A new user's folder: empty, with a PATH that has Node and npm and nothing to compile with, and no way out to any registry but
// the one of the trial.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { capture, quietly, SetupError, tail } from '../lib/console.mjs';
import { at } from '../lib/paths.mjs';

/** What npm and the programs it starts are found by. */
const programs = ['npm', 'npx', 'sh', 'env', 'dirname', 'sed', 'uname'];

export class User {
  #folder;
  #environment;

  constructor(registry) {
    this.#folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'resgram-user-')));
    const bin = path.join(this.#folder, 'bin');
    mkdirSync(bin);
    symlinkSync(process.execPath, path.join(bin, 'node'));
    for (const program of programs) {
      const found = capture('sh', ['-c', `command -v ${program}`]);
      if (found) symlinkSync(realpathSync(found), path.join(bin, program));
    }
    this.#environment = {
      PATH: bin,
      HOME: path.join(this.#folder, 'home'),
      npm_config_cache: path.join(this.#folder, 'cache'),
      npm_config_registry: registry,
      npm_config_audit: 'false',
      npm_config_fund: 'false',
      npm_config_update_notifier: 'false',
      NO_COLOR: '1',
    };
    mkdirSync(this.#environment.HOME);
    mkdirSync(this.app);
    for (const file of readdirSync(at('scripts', 'release', 'trial'))) {
      cpSync(at('scripts', 'release', 'trial', file), path.join(this.app, file));
    }
    writeFileSync(path.join(this.app, 'package.json'), '{ "private": true, "type": "module" }\n');
  }

  get app() {
    return path.join(this.#folder, 'app');
  }

  /** Runs a program to its end; returns what it printed, or stops the trial with it. */
  run(what, program, args, env = {}) {
    const { ok, output } = quietly(program, args, { cwd: this.app, env: { ...this.#environment, ...env } });
    if (!ok) throw new SetupError(`${what}:\n${tail(output, 30)}`);
    return output;
  }

  node(...args) {
    return this.run(`node ${args.join(' ')}`, process.execPath, args);
  }

  npm(...args) {
    return this.run(`npm ${args.join(' ')}`, 'npm', [...args, '--loglevel=error']);
  }

  dispose() {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
