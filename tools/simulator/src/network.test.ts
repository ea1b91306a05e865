import { transportCases } from '@paramo/protocol/testing';
import { createRandom } from '@paramo/core';
import { describe, test } from 'vitest';
import { createNetwork } from './network.js';
import { createProcess } from './process.js';
import { comeToRest } from './rest.js';
import { createSchedule } from './schedule.js';
import { createSites } from './sites.js';

describe('the simulated network without faults', () => {
  for (const { name, run } of transportCases) {
    test(name, async () => {
      const schedule = createSchedule();
      const sites = createSites(1);
      sites.heal();
      const random = createRandom('network', name);
      const nothing = (): void => undefined;
      const network = createNetwork({ schedule, sites, draw: () => random.next(), tap: { request: nothing, answer: nothing, refusal: nothing, fault: nothing } });
      let over = false;
      const running = run(async (bindings) => {
        network.listen({ process: createProcess(schedule, 'daemon'), bindings });
        return network.dial(createProcess(schedule, 'worker'));
      }).finally(() => (over = true));
      running.catch(nothing);
      while (!over) {
        if (!(await schedule.step(Number.MAX_VALUE))) await comeToRest();
      }
      await running;
    });
  }
});
