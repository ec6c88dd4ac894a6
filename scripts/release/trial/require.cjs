const { compile, gram, mlp } = require('resgram');

(async () => {
  const { check, rows } = await import('./values.mjs');
  const { values } = await gram(compile(mlp({ depth: 2 })), rows, 'ntk');
  check(values);
  console.log('computed');
})();
