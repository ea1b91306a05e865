import { describe, test } from 'vitest';
import { createLocalTransport } from './local-transport.js';
import { transportCases } from './transport-cases.js';

describe('the local transport', () => {
  for (const { name, run } of transportCases) test(name, () => run(async (bindings) => createLocalTransport(bindings)));
});
