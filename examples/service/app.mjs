// @ts-check
import { monitorEventLoopDelay } from 'node:perf_hooks';
import fastify from 'fastify';
import { encodeRows, rowFormat } from 'resgram';
import { Gatherer, QueueFull } from './gather.mjs';

/** @typedef {import('resgram').Regressor | import('resgram').Classifier} Model */
/** @typedef {any} Row nested arrays of numbers, or an object by column; the schema has checked it */

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
  const format = formatOf(model);
  const width = model.inputShape.reduce((product, size) => product * size, 1);

  /** One input of the network for each row. @param {Row[]} rows @returns {Float64Array[]} */
  const inputsOf = (rows) => {
    if (format.encoded) {
      const { data } = encodeRows(model, rows);
      return rows.map((_, i) => /** @type {Float64Array} */ (data).subarray(i * width, (i + 1) * width));
    }
    const { columns } = format;
    const plain = columns === undefined ? rows : rows.map((row) => columns.map(({ name }) => row[name]));
    return plain.map((row) => Float64Array.from(row.flat(model.inputShape.length)));
  };

  /** @param {Float64Array[]} inputs @param {AbortSignal} [signal] @returns {Promise<object[]>} */
  const predict = async (inputs, signal) => {
    const data = new Float64Array(inputs.length * width);
    inputs.forEach((input, i) => {
      data.set(input, i * width);
    });
    const z = { data, shape: [inputs.length, ...model.inputShape] };
    const job = signal === undefined ? { threads } : { threads, signal };
    if (model.task === 'classify') {
      const { labels, probabilities } = await model.predict(z, job);
      const each = rowsOf(probabilities.data, model.classes.length);
      return labels.map((label, i) => ({ label, probabilities: each(i) }));
    }
    const { mean, std } = await model.predict(z, { ...job, std: true, noise });
    const [means, deviations] = [rowsOf(mean.data, model.columns), rowsOf(std, model.columns)];
    return inputs.map((_, i) => ({ mean: means(i), std: deviations(i) }));
  };
  const gatherer = new Gatherer(predict, { maxBatch, maxWaiting });

  const app = fastify({
    ...server,
    // As they are: the default would read null as 0 and "1" as 1, and drop columns that nobody knows.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allowUnionTypes: true } },
    schemaErrorFormatter: ([error], place) => {
      const extra = error?.params.additionalProperty;
      return new Error(`${place}${error?.instancePath} ${error?.message}${extra === undefined ? '' : `: '${extra}'`}`);
    },
  });
  const body = {
    type: 'object',
    required: ['rows'],
    additionalProperties: false,
    properties: { rows: { type: 'array', minItems: 1, maxItems: maxRows, items: rowSchema(model, format) } },
  };

  app.post('/predict', { schema: { body } }, async (request, reply) => {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const { rows } = /** @type {{ rows: Row[] }} */ (request.body);
    const predictions = await gatherer.ask(inputsOf(rows), gone.signal);
    return model.task === 'classify' ? { classes: model.classes, predictions } : { predictions };
  });

  const { task, kernel, size, inputShape, ridge } = model;
  const columns = format.columns?.map(({ name, levels }) => (levels === undefined ? name : { name, levels }));
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
    if (['ERR_DATA', 'ERR_SHAPE', 'ERR_NOT_FINITE', 'ERR_RANGE'].includes(error.code)) error.statusCode = 400;
    const { statusCode = 500, code = 'ERR_INTERNAL', message } = error;
    if (statusCode < 500) return reply.code(statusCode).send({ error: code, message });
    app.log.error(error);
    return reply.code(500).send({ error: code, message: 'the prediction failed; the log says why' });
  });

  // A model saved without its factor makes it now, and not while the first client waits.
  app.addHook('onReady', async () => {
    delay.enable();
    await predict([new Float64Array(width).fill(1)]);
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
 * How rows look. A model of `resgram fit` knows its columns and levels, and how to scale; one that a program saved may have the
 * names of its columns in its notes, `{ columns }`: rows are then objects, too, and nobody can mix up their order.
 *
 * @typedef {{ encoded: import('resgram').RowFormat | undefined, columns: readonly import('resgram').ModelColumn[] | undefined, ignored: readonly string[] }} Format
 * @param {Model} model
 * @returns {Format}
 */
function formatOf(model) {
  const known = rowFormat(model);
  if (known !== undefined) {
    const named = known.kind === 'columns';
    return { encoded: known, columns: named ? known.columns : undefined, ignored: named ? known.ignored : [] };
  }
  const { columns, scaling } = /** @type {any} */ (model.notes ?? {});
  if (scaling !== undefined && scaling.kind !== 'none') {
    throw new Error('the notes of this model ask for scaled inputs, and are not those of resgram fit');
  }
  const named = Array.isArray(columns) && model.inputShape.length === 1 && columns.length === model.inputShape[0];
  return { encoded: undefined, columns: named ? columns.map((name) => ({ name })) : undefined, ignored: [] };
}

/** @param {Model} model @param {Format} format @returns {object} */
function rowSchema({ inputShape }, { encoded, columns, ignored }) {
  // Farther than this from all samples nothing is known, and squares of the numbers of other requests might be lost.
  const number = { type: 'number', minimum: -1e100, maximum: 1e100 };
  if (columns !== undefined) {
    const properties = Object.fromEntries([
      ...ignored.map((name) => [name, {}]),
      // Which texts there are is told better by the model.
      ...columns.map(({ name, levels }) => [
        name,
        levels === undefined ? number : { type: ['string', 'number', 'boolean'] },
      ]),
    ]);
    return { type: 'object', required: columns.map(({ name }) => name), additionalProperties: false, properties };
  }
  const list = (/** @type {object} */ items, /** @type {number} */ n, least = n) => ({
    type: 'array',
    minItems: least,
    maxItems: n,
    items,
  });
  const nested = (/** @type {readonly number[]} */ shape) =>
    shape.reduceRight((items, n) => list(items, n), /** @type {object} */ (number));
  // With the target among the numbers or without it.
  if (encoded?.kind === 'numbers') {
    return list(number, encoded.columns, encoded.target === null ? encoded.columns : encoded.columns - 1);
  }
  if (encoded?.kind === 'image') {
    const { height, width, channels } = encoded;
    return { anyOf: [list(number, height * width * channels), nested([height, width, channels])] };
  }
  return nested(inputShape);
}

/** @param {ArrayLike<number>} data @param {number} width */
const rowsOf = (data, width) => (/** @type {number} */ i) =>
  Array.from({ length: width }, (_, j) => data[i * width + j]);
