const began = performance.now();
const before = process.cpuUsage();
const { compile, gram, info, mlp } = await import('resgram');
const { user, system } = process.cpuUsage(before);
const imported = { wall: performance.now() - began, cpu: (user + system) / 1000 };
const { check, rows } = await import('./values.mjs');
const { values } = await gram(compile(mlp({ depth: 2 })), rows, 'ntk');
check(values);
const { binary, blas, platform, simd } = info();
console.log(
  JSON.stringify({ imported, first: performance.now() - began, binary, blas, platform, simd, values: [...values] }),
);
