import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** Path of a Chromium: $CHROMIUM, else the first of the usual names on the PATH; undefined where there is none. */
export function findChromium(): string | undefined {
  const given = process.env.CHROMIUM;
  if (given !== undefined && given !== '') return given;
  const folders = (process.env.PATH ?? '').split(delimiter);
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface ProtocolEvent {
  readonly method: string;
  readonly params: Record<string, unknown>;
  readonly sessionId?: string;
}

/** A headless Chromium spoken to over the DevTools protocol on pipes: messages are JSON, each ended by a zero byte. */
export class Chromium {
  readonly events: ProtocolEvent[] = [];
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #pending = new Map<
    number,
    { resolve: (value: Record<string, unknown>) => void; reject: (error: Error) => void }
  >();
  readonly #listeners = new Set<(event: ProtocolEvent) => void>();
  #lastId = 0;
  #rest = '';

  constructor(executable: string) {
    this.#profile = mkdtempSync(join(tmpdir(), 'resgram-chromium-'));
    const quiet = ['--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
    const flags = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-dev-shm-usage',
      ...quiet,
    ];
    this.#process = spawn(executable, [...flags, '--remote-debugging-pipe', `--user-data-dir=${this.#profile}`], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    this.#process.on('error', (error) => this.#fail(error));
    this.#process.on('exit', (code) => this.#fail(new Error(`chromium ended with code ${code}`)));
    const answers = this.#process.stdio[4] as Readable;
    answers.setEncoding('utf8');
    answers.on('data', (chunk: string) => this.#read(chunk));
    // A browser that dies closes the pipe under a write; its exit is what is reported.
    (this.#process.stdio[3] as Writable).on('error', () => {});
  }

  send(method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      (this.#process.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  /** The next event of that name, from any session. */
  once(method: string): Promise<ProtocolEvent> {
    return new Promise((resolve) => {
      const listener = (event: ProtocolEvent) => {
        if (event.method !== method) return;
        this.#listeners.delete(listener);
        resolve(event);
      };
      this.#listeners.add(listener);
    });
  }

  /** Ends the browser and removes its profile. */
  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    if (this.#process.exitCode === null) {
      this.send('Browser.close').catch(() => {});
      const late = setTimeout(() => this.#process.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(late);
    }
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  #read(chunk: string): void {
    const messages = (this.#rest + chunk).split('\0');
    this.#rest = messages.pop() as string;
    for (const message of messages) {
      const parsed = JSON.parse(message);
      if (parsed.id === undefined) {
        this.events.push(parsed);
        for (const listener of this.#listeners) listener(parsed);
        continue;
      }
      const waiting = this.#pending.get(parsed.id);
      this.#pending.delete(parsed.id);
      if (parsed.error === undefined) waiting?.resolve(parsed.result);
      else waiting?.reject(new Error(`${parsed.error.message} (${parsed.error.code})`));
    }
  }

  #fail(error: Error): void {
    for (const waiting of this.#pending.values()) waiting.reject(error);
    this.#pending.clear();
  }
}

/** One tab with the domains that tests watch switched on. */
export class Page {
  readonly #browser: Chromium;
  readonly #session: string;

  private constructor(browser: Chromium, session: string) {
    this.#browser = browser;
    this.#session = session;
  }

  static async open(browser: Chromium): Promise<Page> {
    const { targetId } = await browser.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page(browser, sessionId as string);
    for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await page.send(`${domain}.enable`);
    return page;
  }

  send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    return this.#browser.send(method, params, this.#session);
  }

  /** Opens an address and waits until everything it asks for has come or failed. */
  async goto(url: string): Promise<void> {
    const loaded = this.#browser.once('Page.loadEventFired');
    await this.send('Page.navigate', { url });
    await loaded;
  }

  /** The value of an expression in the page, as JSON. */
  async evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    if (exceptionDetails !== undefined) throw new Error(`in the page: ${JSON.stringify(exceptionDetails)}`);
    return (result as { value: unknown }).value;
  }

  async resize(width: number, height: number, mobile = false): Promise<void> {
    await this.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile });
  }

  async prefers(scheme: 'light' | 'dark'): Promise<void> {
    await this.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
  }
}
