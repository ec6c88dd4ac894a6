import resgram = require('resgram');

const { compile, gram, mlp } = resgram;

async function first(): Promise<number> {
  const rows = [
    [3, 0],
    [0, 2],
    [1, 1],
  ];
  const kernel: resgram.Kernel = compile(mlp({ depth: 2 }));
  const { values }: resgram.Gram = await gram(kernel, rows, 'ntk');
  return values[0] ?? Number.NaN;
}

first().then((value) => {
  if (!(value > 0)) throw new resgram.KernelError('ERR_INTERNAL', 'not computed');
  console.log('computed');
});
