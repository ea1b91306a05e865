import type { StudyRecord, TrialRecord } from '@paramo/core';
import { expect, test } from 'vitest';
import { createStyle } from '../terminal/style.js';
import { compareTrials } from './compare-trials.js';
import { factsOf } from './facts.js';
import { renderComparison, renderFacts } from './render-facts.js';
import type { TrialDetails } from './trial-details.js';

const plain = createStyle({ isTTY: false });
const study = { spec: { name: 'mnist', objectives: [{ metric: 'loss', goal: 'min', at: 'last' }] } } as unknown as StudyRecord;

function details(number: number, change: Partial<TrialRecord> = {}): TrialDetails {
  const trial = {
    number, state: 'completed', params: { lr: 0.1, opt: null }, value: 0.25, at: 2, values: { loss: 0.25 }, metrics: { loss: 0.25 }, done: 3, attempt: 1, reason: '', because: { kind: 'default' },
    startedMs: 1_000, endedMs: 61_000, attributes: { tags: ['a', 'b c'] }, worker: { host: 'here' }, ...change,
  } as unknown as TrialRecord;
  return {
    trial, attempts: [], checkpoints: [], artifacts: [{ name: 'paramo.run.json', attempt: 1, bytes: 812, mediaType: 'application/json', sha256: 'ab'.repeat(32) }],
    series: [{ name: 'loss', steps: [0, 1, 2], values: [1, 0.5, 0.25], timesMs: [] }, { name: 'system/memory', steps: [0, 15], values: [2 ** 20, 2 ** 31], timesMs: [] }],
    description: {
      format: 1, command: ['python', 'train.py', "it's"], directory: '/work', host: { name: 'here', platform: 'linux', cpu: '', cores: 2, memoryBytes: 2 ** 34, gpus: [] },
      git: { commit: 'c0ffee', dirty: true, changes: { sha256: 'cd', bytes: 100, cut: false } }, environment: {}, packages: { versions: Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`p${i}`, '1'])) },
    },
  };
}

test('a trial is shown section by section, with a line of how each metric went', () => {
  const text = renderFacts('mnist 3', factsOf(study, details(3)), plain);
  expect(text).toMatchInlineSnapshot(`
    "mnist 3

    trial
      state    completed
      loss     0.25 at step 2
      steps    3
      ms       1 min 00 s
      started  1970-01-01 00:00:01 UTC
      host     here
      why      the defaults of the space

    attributes
      tags  a "b c"

    params
      lr   0.1
      opt  null

    metrics
      loss  0.25  █▃▁

    use
      system/memory  2 GiB  ▁█

    artifacts
      paramo.run.json  812 B  abababababab  attempt 1

    program
      command    python train.py 'it'\\''s'
      directory  /work

    code
      commit   c0ffee
      changed  100 B of changes

    machine
      name      here
      platform  linux
      cores     2
      memory    16 GiB

    packages
      p0   1
      p1   1
      p2   1
      p3   1
      p4   1
      p5   1
      p6   1
      p7   1
      p8   1
      p9   1
      p10  1
      p11  1
      p12  1
      p13  1
      p14  1
      p15  1
      p16  1
      p17  1
      p18  1
      p19  1
      p20  1
      p21  1
      p22  1
      p23  1
      and 6 more, with --json
    "
  `);
});

test('of two trials what differs stands side by side', () => {
  const rows = compareTrials(study, details(3), details(4, { params: { lr: 0.2, layers: 3 }, state: 'failed', reason: 'out of memory' })).filter(({ differs }) => differs);
  expect(renderComparison(3, 4, rows, plain)).toMatchInlineSnapshot(`
    "trial
              trial 3    trial 4
      state   completed  failed
      reason             out of memory

    params
              trial 3  trial 4
      lr      0.1      0.2
      opt     null
      layers           3
    "
  `);
});
