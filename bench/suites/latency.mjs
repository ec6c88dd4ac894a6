// @ts-check
// What is felt before any work: importing, and the smallest calls.
import { pathToFileURL } from 'node:url';
import { at } from '../harness/paths.mjs';
import { peer, points, resgram } from './contestants.mjs';

const entry = pathToFileURL(at('dist', 'index.js')).href;
/** @returns {import('../harness/vocabulary.js').Contestant} */
const launch = (name, source, role) => ({ name, role, crew: 'plain', op: 'launch', args: { source }, times: 1 });

/** A 6 × 6 matrix: its arithmetic takes less than a microsecond, so this is what a call costs. */
const six = { depth: 3, x: points(6, 3) };
/** So many calls in a sample that the engine has compiled what it runs after the first; before, a call takes twice as long. */
const often = { times: 3000 };

/** @type {import('../harness/vocabulary.js').Suite} */
export const latency = {
  name: 'latency',
  title: 'Latency',
  about:
    'Wall time of a new Node process that imports the package, above one that does nothing; and of the smallest calls. The addon is loaded at the first call, which the third process makes.',
  cases: [
    {
      name: 'import',
      quick: true,
      rounds: 9,
      contestants: [
        launch('empty Node', '', 'limit'),
        launch('import', `await import('${entry}')`, 'resgram'),
        launch(
          'first matrix',
          `const { compile, mlp, sync } = await import('${entry}');
           sync.gram(compile(mlp({ depth: 3 })), [[1, 0, 0], [0, 1, 0]], 'ntk');`,
          'resgram',
        ),
      ],
      figures: [
        {
          id: 'import',
          says: 'import above an empty Node',
          measure: 'wall',
          of: 'import',
          minus: 'empty Node',
          per: 1e-3,
          unit: 'ms',
          better: 'lower',
          target: 30,
        },
        {
          id: 'import over empty',
          says: 'CPU time of an import over an empty Node',
          measure: 'cpu',
          of: 'import',
          over: 'empty Node',
          unit: '×',
          better: 'lower',
        },
        {
          id: 'first matrix',
          says: 'import, addon and a 2 × 2 matrix above an empty Node',
          measure: 'wall',
          of: 'first matrix',
          minus: 'empty Node',
          per: 1e-3,
          unit: 'ms',
          better: 'lower',
        },
      ],
    },
    {
      name: '6 × 6 matrix',
      quick: true,
      agreement: 1e-9,
      contestants: [resgram({ network: 'mlp', ...six }, often), peer('plain JavaScript', 'plain', 'gram', six, often)],
      figures: [
        {
          id: 'six',
          says: 'sync.gram of 6 points, after some thousand calls',
          measure: 'wall',
          of: 'resgram',
          per: 1e-6,
          unit: 'µs',
          better: 'lower',
          target: 50,
        },
        {
          id: 'six over plain',
          says: 'times a plain JavaScript loop',
          measure: 'wall',
          of: 'resgram',
          over: 'plain JavaScript',
          unit: '×',
          better: 'lower',
          slack: 1.5,
        },
      ],
    },
    {
      name: '300 × 300 matrix',
      quick: true,
      agreement: 1e-9,
      contestants: [
        resgram({ network: 'mlp', depth: 3, x: points(300, 20) }),
        peer('plain JavaScript', 'plain', 'gram', { depth: 3, x: points(300, 20) }),
      ],
      figures: [
        {
          id: 'plain JavaScript over resgram',
          says: 'a plain JavaScript loop takes so many times as long',
          measure: 'cpu',
          of: 'plain JavaScript',
          over: 'resgram',
          unit: '×',
          better: 'higher',
        },
      ],
    },
  ],
};
