// @ts-check
import { monitorEventLoopDelay } from 'node:perf_hooks';
import fastify from 'fastify';
import { Gatherer, QueueFull } from './gather.mjs';

/** @typedef {import('resgram').Regressor | import('resgram').Classifier} Model */
/** @typedef {any} Row nested arrays of numbers as deep as `inputShape`, or an object by column; the schema has checked it */

/**
 * A Fastify application that answers for a model, and disposes of it when it is closed.
 *
 * @param {Model} model
 * @param {object} [options]
 * @param {boolean} [options.noise] deviations of new observations (default), or of the function alone
 * @param {number} [options.threads] of a prediction; one leaves the other CPUs to the event loop and to neighbours
 * @param {number} [options.maxRows] in one request
 * @param {number} [options.maxBatch] rows in one prediction: bounds how long it takes
 * @param {number} [options.maxWaiting] rows in the queue; beyond it requests are turned away
 * @param {import('fastify').FastifyServerOptions} [options.server]
 */
export function service(model, options = {}) {
  const { noise = true, threads = 1, maxRows = 256, maxBatch = 64, maxWaiting = 1024, server = {} } = options;
  const columns = columnsOf(model);

  /** @param {Row[]} rows @param {AbortSignal} [signal] @returns {Promise<object[]>} */
  const predict = async (rows, signal) => {
    const plain = columns === undefined ? rows : rows.map((row) => columns.map((name) => row[name]));
    const data = Float64Array.from(plain.flat(model.inputShape.length));
    const z = { data, shape: [rows.length, ...model.inputShape] };
    const job = signal === undefined ? { threads } : { threads, signal };
    if (model.task === 'classify') {
      const { labels, probabilities } = await model.predict(z, job);
      const each = rowsOf(probabilities.data, model.classes.length);
      return labels.map((label, i) => ({ label, probabilities: each(i) }));
    }
    const { mean, std } = await model.predict(z, { ...job, std: true, noise });
    const [means, deviations] = [rowsOf(mean.data, model.columns), rowsOf(std, model.columns)];
    return rows.map((_, i) => ({ mean: means(i), std: deviations(i) }));
  };
  const gatherer = new Gatherer(predict, { maxBatch, maxWaiting });

  const app = fastify({
    ...server,
    // As they are: the default would read null as 0 and "1" as 1, and drop columns that nobody knows.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
    schemaErrorFormatter: ([error], place) => {
      const extra = error?.params.additionalProperty;
      return new Error(`${place}${error?.instancePath} ${error?.message}${extra === undefined ? '' : `: '${extra}'`}`);
    },
  });
  const body = {
    type: 'object',
    required: ['rows'],
    additionalProperties: false,
    properties: { rows: { type: 'array', minItems: 1, maxItems: maxRows, items: rowSchema(model, columns) } },
  };

  app.post('/predict', { schema: { body } }, async (request, reply) => {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const { rows } = /** @type {{ rows: Row[] }} */ (request.body);
    const predictions = await gatherer.ask(rows, gone.signal);
    return model.task === 'classify' ? { classes: model.classes, predictions } : { predictions };
  });

  const { task, kernel, size, inputShape, ridge } = model;
  const outputs = model.task === 'classify' ? { classes: model.classes } : { targets: model.columns, noise };
  app.get('/model', () => ({ task, kernel, samples: size, inputShape, columns, ridge, ...outputs, request: body }));

  const resolution = 10;
  const delay = monitorEventLoopDelay({ resolution });
  app.get('/health', () => {
    // Milliseconds since the last look; the histogram has the time between ticks of a timer.
    const late = (/** @type {number} */ nanoseconds) => Math.max(0, nanoseconds / 1e6 - resolution);
    const eventLoop = delay.count === 0 ? {} : { p99: late(delay.percentile(99)), max: late(delay.max) };
    delay.reset();
    const { user, system } = process.cpuUsage();
    const cpu = (user + system) / 1000;
    return { status: 'ok', waiting: gatherer.waiting, batches: gatherer.batches, cpu, eventLoop };
  });

  app.setErrorHandler((/** @type {any} */ error, _request, reply) => {
    if (reply.raw.destroyed) return reply.hijack();
    if (error instanceof QueueFull) {
      return reply.code(503).header('retry-after', '1').send({ error: 'busy', message: error.message });
    }
    // What the schema cannot say: numbers that leave the range of the kernel.
    if (['ERR_SHAPE', 'ERR_NOT_FINITE', 'ERR_RANGE'].includes(error.code)) error.statusCode = 400;
    const { statusCode = 500, code = 'ERR_INTERNAL', message } = error;
    if (statusCode < 500) return reply.code(statusCode).send({ error: code, message });
    app.log.error(error);
    return reply.code(500).send({ error: code, message: 'the prediction failed; the log says why' });
  });

  // A model saved without its factor makes it now, and not while the first client waits.
  app.addHook('onReady', async () => {
    delay.enable();
    await predict([columns === undefined ? ones(inputShape) : Object.fromEntries(columns.map((name) => [name, 1]))]);
  });
  // A closing server waits for all connections, also for those that clients only keep open: once the last answer is out,
  // it ends them.
  let closing = false;
  let active = 0;
  const finish = () => {
    if (closing && active === 0) app.server.closeAllConnections();
  };
  app.server.on('request', (_request, response) => {
    active += 1;
    response.once('close', () => {
      active -= 1;
      finish();
    });
  });
  app.addHook('preClose', async () => {
    closing = true;
    setImmediate(finish);
  });
  // Comes after the last answer.
  app.addHook('onClose', async () => {
    delay.disable();
    model.dispose();
  });
  return app;
}

/**
 * Names of the input columns, where the model was saved with `notes: { columns }`: rows are then objects, and nobody can
 * mix up their order.
 * @param {Model} model
 * @returns {string[] | undefined}
 */
function columnsOf({ notes, inputShape }) {
  const { columns, scaling } = /** @type {any} */ (notes ?? {});
  if (scaling !== undefined && scaling.kind !== 'none') {
    throw new Error('the notes of this model ask for scaled inputs, and this service takes them as they come');
  }
  return Array.isArray(columns) && inputShape.length === 1 && columns.length === inputShape[0] ? columns : undefined;
}

/** @param {Model} model @param {string[] | undefined} columns @returns {object} */
function rowSchema({ inputShape }, columns) {
  // Farther than this from all samples nothing is known, and squares of the numbers of other requests might be lost.
  const number = { type: 'number', minimum: -1e100, maximum: 1e100 };
  if (columns === undefined) {
    const list = (/** @type {object} */ items, /** @type {number} */ n) => ({
      type: 'array',
      minItems: n,
      maxItems: n,
      items,
    });
    return inputShape.reduceRight(list, /** @type {object} */ (number));
  }
  const properties = Object.fromEntries(columns.map((name) => [name, number]));
  return { type: 'object', required: columns, additionalProperties: false, properties };
}

/** @param {ArrayLike<number>} data @param {number} width */
const rowsOf = (data, width) => (/** @type {number} */ i) =>
  Array.from({ length: width }, (_, j) => data[i * width + j]);

/** @param {readonly number[]} shape @returns {any} */
const ones = ([n, ...rest]) => (n === undefined ? 1 : Array.from({ length: n }, () => ones(rest)));
