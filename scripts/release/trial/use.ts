import { compile, type Gram, gram, KernelError, mlp, network, regress, spectrum } from 'resgram';

const kernel = compile(mlp({ depth: 2 }));
const { ntk }: { ntk: Gram } = await gram(
  kernel,
  [
    [3, 0],
    [0, 2],
    [1, 1],
  ],
  ['ntk'],
);
let total = 0;
for (const value of ntk.values) total += value;
const { values } = await spectrum(ntk, { top: 2 });
const model = await regress(
  kernel,
  [
    [3, 0],
    [0, 2],
  ],
  [1, 2],
  { ridge: 0.1 },
);
const { mean } = await model.predict([[1, 1]]);
const first: number | undefined = mean.data[0];
// @ts-expect-error: a depth is a number
export const refused = () => network({ preset: 'mlp', depth: 'two' });
if (!(total > 0) || values.length !== 2 || first === undefined) throw new KernelError('ERR_INTERNAL', 'not computed');
console.log('computed');
