import { entropyCases } from '@paramo/core/testing';
import { test } from 'vitest';
import { systemEntropy } from './system-entropy.js';

for (const { name, run } of entropyCases(() => systemEntropy)) test(`system entropy: ${name}`, run);
