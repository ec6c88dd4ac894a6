/** Parameters of sampled networks. */

import { createRandom } from '../../lib/data/rng.js';
import type { Draw } from './finite-network.js';
import type { Numbers } from './matrix.js';

/**
 * The standard normal numbers of one seed. Every network takes them from the start (`rewound`), because drawing them
 * costs more than using them: networks of one seed depend on each other, those of different seeds do not.
 */
export interface Normals {
  readonly rewound: () => Draw;
}

export function normals(seed: number, stream: number): Normals {
  const random = createRandom(seed, stream);
  let numbers: Numbers = new Float64Array(0);
  let drawn = 0;

  // Of Box and Muller; half a step keeps the logarithm finite.
  const reach = (count: number): void => {
    if (count > numbers.length) {
      const longer = new Float64Array(Math.max(count + (count % 2), 2 * numbers.length));
      longer.set(numbers.subarray(0, drawn));
      numbers = longer;
    }
    for (; drawn < count; drawn += 2) {
      const radius = Math.sqrt(-2 * Math.log((random.uint32() + 0.5) * 2 ** -32));
      const angle = 2 * Math.PI * random.uint32() * 2 ** -32;
      numbers[drawn] = radius * Math.cos(angle);
      numbers[drawn + 1] = radius * Math.sin(angle);
    }
  };

  return {
    rewound() {
      let used = 0;
      return (count, { starts }) => {
        if (starts === 'zero') return new Float64Array(count);
        reach(used + count);
        used += count;
        return numbers.subarray(used - count, used);
      };
    },
  };
}
