import { createRandom } from '@paramo/core';
import type { FaultContext } from '../fault.js';

/**
 * Does something `count` times, two at once, since each waits a lot. Each has randomness of its own, so that what it draws does not
 * depend on the other. The answers are in order.
 */
export async function sideBySide<T>(context: FaultContext, count: number, task: (context: FaultContext, index: number) => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  const key = context.random.uint32();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      answers[index] = await task({ ...context, random: createRandom('side by side', key, index) }, index);
    }
  };
  await Promise.all([lane(), lane()]);
  return answers;
}
