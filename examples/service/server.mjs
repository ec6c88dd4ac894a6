#!/usr/bin/env node
// @ts-check
// Serves a saved model: node server.mjs model.safetensors [--port 8080] [--host 127.0.0.1] [--threads 1] [--drain 10]
import { parseArgs } from 'node:util';
import { LogController } from 'fastify';
import { loadModel } from 'resgram';
import { service } from './app.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: 'string', default: '8080' },
    host: { type: 'string', default: '127.0.0.1' },
    threads: { type: 'string', default: '1' },
    drain: { type: 'string', default: '10' },
  },
});
const [path] = positionals;
if (path === undefined) {
  console.error('usage: node server.mjs <model> [--port n] [--host address] [--threads n] [--drain seconds]');
  process.exit(2);
}

// One line for each request would cost more than the prediction of a row.
const logController = new LogController({ disableRequestLogging: true });
const app = service(await loadModel(path), {
  threads: Number(values.threads),
  server: { logger: true, logController },
});

// Stops listening, answers what it has accepted, then ends by itself; in any case after `drain` seconds.
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, async () => {
    app.log.info(`${signal}: draining`);
    setTimeout(() => process.exit(1), 1000 * Number(values.drain)).unref();
    await app.close();
  });
}
await app.listen({ port: Number(values.port), host: values.host });
