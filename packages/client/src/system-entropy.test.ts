import { entropyCases } from '@paramo/core/testing';
import { test } from 'vitest';
import { createSystemEntropy } from './system-entropy.js';

for (const { name, run } of entropyCases(createSystemEntropy)) test(`system entropy: ${name}`, run);
