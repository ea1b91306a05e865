import { bool, choice, createRandom, float, space, type Decision, type NewTrial } from '@paramo/core';
import { describe, expect, test } from 'vitest';
import strategy, { pbt } from './index.js';
import { driveByHand, oneNumber, type HandDriven } from './testing/hand-driven.js';

/** A study whose members have all been created and started. */
function populated(members: number, options: Parameters<typeof driveByHand>[0] = {}, more: Parameters<typeof driveByHand>[1] = {}): HandDriven {
  const driver = driveByHand({ population: members, ...options }, more);
  for (let member = 0; member < members; member++) driver.found();
  return driver;
}

function decisions({ strategy: instance }: HandDriven): readonly Decision[] {
  return instance.decisions!();
}

function replacement(driver: HandDriven): Decision & { readonly action: 'replace' } {
  const [decision] = decisions(driver);
  if (decision?.action !== 'replace') throw new Error(`no replacement: ${JSON.stringify(decisions(driver))}`);
  return decision;
}

describe('pbt', () => {
  test('is named with options', () => {
    expect(pbt({ population: 8, every: 5 })).toEqual({ name: 'pbt', options: { population: 8, every: 5 } });
    expect(strategy.capabilities).toEqual({ conditional: true, checkpoints: true, barrier: true });
  });

  test('founders: the defaults of the space first, then draws, each for a member of its own', () => {
    const where = space({ x: float(0, 1, { default: 0.25 }), kind: choice(['a', 'b']) });
    const driver = driveByHand({ population: 4 }, { space: where });
    const founders = Array.from({ length: 4 }, () => {
      const suggestion = driver.suggestion()!;
      driver.create(suggestion);
      return suggestion;
    });
    expect(founders[0]).toEqual({ params: where.defaults(), member: 0, because: { kind: 'default' } });
    expect(founders.map(({ member }) => member)).toEqual([0, 1, 2, 3]);
    expect(new Set(founders.map(({ params }) => params['x'])).size).toBe(4);
    expect(founders[1]!.because.kind).toBe('design');
    expect(driver.strategy.suggest()).toBeUndefined();
  });

  test('founders as given come first, then the defaults', () => {
    const where = space({ x: float(0, 1, { default: 0.25 }) });
    const driver = driveByHand({ population: 4, founders: [{ x: 1 }, { x: 0 }] }, { space: where });
    const xs = Array.from({ length: 4 }, () => {
      const { params } = driver.suggestion()!;
      driver.found();
      return params['x'];
    });
    expect(xs.slice(0, 3)).toEqual([1, 0, 0.25]);
  });
});

describe('a member is ready', () => {
  /** Of 4 members with the losses 0, 1, 2, 3, the last is the worst quarter and the first the best. */
  function nearlyReady(): HandDriven {
    const driver = populated(4);
    for (const trial of [0, 1, 2]) driver.arrive(trial, 5, trial);
    expect(decisions(driver)).toEqual([]);
    return driver;
  }

  test('when it has reported at a milestone and saved a checkpoint there, in this order', () => {
    const driver = nearlyReady();
    driver.report(3, 5, 3);
    expect(decisions(driver)).toEqual([]);
    driver.checkpoint(3, 4);
    expect(decisions(driver)).toEqual([]);
    driver.checkpoint(3, 5);
    expect(replacement(driver)).toMatchObject({ trial: 3, by: { from: { trial: 0, checkpoint: 'checkpoint-0-5', done: 5 }, member: 3, because: { kind: 'exploit', donor: 0 } } });
  });

  test('or in the other order, or with a checkpoint past the milestone', () => {
    const driver = nearlyReady();
    driver.checkpoint(3, 7);
    driver.report(3, 6, 3);
    expect(replacement(driver).trial).toBe(3);
  });

  test('the child has the params of the donor, perturbed or drawn anew, and the donor is named with the change', () => {
    const changes = new Set<string>();
    for (let x = 1; x < 9; x += 0.25) {
      const driver = driveByHand({ population: 4, founders: [{ x }] });
      for (let member = 0; member < 4; member++) driver.found();
      for (const trial of [0, 1, 2, 3]) driver.arrive(trial, 5, trial);
      const { by, reason } = replacement(driver);
      const { change } = by.because as { readonly change: string };
      changes.add(change);
      if (change === 'x × 0.8') expect(by.params['x']).toBe(x * 0.8);
      if (change === 'x × 1.2') expect(by.params['x']).toBe(Math.min(10, x * 1.2));
      expect(reason).toBe('its value 3 is among the worst 1 of 4; trial 0 has 0');
    }
    // The stream is that of member and generation: the change is the same for every x.
    expect([...changes]).toHaveLength(1);
  });

  test('the decision stands until the log shows it, and no longer', () => {
    const driver = nearlyReady();
    driver.arrive(3, 5, 3);
    const first = decisions(driver);
    driver.report(1, 10, 0.5);
    expect(decisions(driver)).toEqual(first);
    const child = driver.commit(first[0]!)!;
    expect(child).toBe(4);
    expect(decisions(driver)).toEqual([]);
    expect(driver.strategy.done()).toBe(false);
  });

  test('it names the newest checkpoint of the donor, so a collected one is not insisted on', () => {
    const driver = nearlyReady();
    driver.arrive(3, 5, 3);
    driver.checkpoint(0, 8);
    expect(replacement(driver).by.from).toEqual({ trial: 0, checkpoint: 'checkpoint-0-8', done: 8 });
  });

  test('another donor is taken when the first one ends', () => {
    const driver = nearlyReady();
    driver.arrive(3, 5, 3);
    driver.end(0, 'failed', 7);
    // Three are left to compare: a quarter of them is nobody.
    expect(decisions(driver)).toEqual([]);
    const larger = populated(8);
    for (let trial = 0; trial < 8; trial++) larger.arrive(trial, 5, trial);
    const donors = decisions(larger).map((decision) => (decision as { readonly by: NewTrial }).by.from!.trial);
    larger.end(donors[0]!, 'completed', 7);
    for (const decision of decisions(larger)) expect((decision as { readonly by: NewTrial }).by.from!.trial).not.toBe(donors[0]);
  });

  test('nothing is decided about a trial that has ended or is to end', () => {
    const driver = nearlyReady();
    driver.arrive(3, 5, 3);
    driver.tell({ kind: 'decided', trial: 3, action: 'stop', by: 'user' });
    expect(decisions(driver)).toEqual([]);
    const other = nearlyReady();
    other.arrive(3, 5, 3);
    other.end(3, 'completed', 5);
    expect(decisions(other)).toEqual([]);
  });

  test('a member that a user holds is left alone until it is resumed', () => {
    const driver = nearlyReady();
    driver.tell({ kind: 'decided', trial: 3, action: 'pause', by: 'user' });
    driver.arrive(3, 5, 3);
    driver.tell({ kind: 'yielded', trial: 3, to: 'paused' });
    expect(decisions(driver)).toEqual([]);
    expect(driver.strategy.suggest()).toBeUndefined();
    driver.tell({ kind: 'resumed', trial: 3, by: 'user' });
    expect(replacement(driver).trial).toBe(3);
  });

  test('at its last step it is let complete', () => {
    const driver = populated(4, {}, { steps: 10 });
    for (const trial of [0, 1, 2]) driver.arrive(trial, 5, trial);
    driver.report(3, 10, 9);
    driver.checkpoint(3, 10);
    expect(decisions(driver)).toEqual([]);
  });

  test('a donor has steps left to take', () => {
    const driver = populated(4, {}, { steps: 10 });
    driver.arrive(0, 10, 0);
    for (const trial of [1, 2, 3]) driver.arrive(trial, 5, trial);
    expect(decisions(driver)).toEqual([]);
  });

  test('a donor has a checkpoint of its own: a child does not donate what it was given', () => {
    const driver = nearlyReady();
    driver.arrive(3, 5, 3);
    const child = driver.commit(decisions(driver)[0]!)!;
    // The donor becomes the worst; the child has the best value, that of the donor when it was copied.
    driver.arrive(0, 10, 100);
    expect(decisions(driver)).toEqual([]);
    driver.arrive(child, 10, -1);
    driver.arrive(0, 15, 100);
    expect(replacement(driver)).toMatchObject({ trial: 0, by: { from: { trial: child }, member: 0 } });
  });

  test('a child counts for what its donor was worth until its own first milestone', () => {
    const driver = nearlyReady();
    driver.arrive(3, 5, 3);
    const child = driver.commit(decisions(driver)[0]!)!;
    // Some hosts tell of the first report of a child as that of the milestone it was born at.
    driver.tell({ kind: 'reported', trial: child, done: 6, values: { loss: 100 }, milestone: 5 });
    driver.checkpoint(child, 6);
    expect(decisions(driver)).toEqual([]);
    driver.arrive(2, 10, 2);
    expect(replacement(driver).trial).toBe(2);
  });

  test('NaN and infinite values are the worst, and never donate', () => {
    for (const bad of [NaN, Infinity, -Infinity]) {
      const driver = populated(4);
      driver.arrive(0, 5, bad);
      for (const trial of [1, 2]) driver.arrive(trial, 5, trial);
      driver.arrive(3, 5, 3);
      expect(decisions(driver)).toEqual([]);
      driver.arrive(0, 10, bad);
      expect(replacement(driver)).toMatchObject({ trial: 0, by: { from: { trial: 1 } } });
    }
    const driver = populated(4);
    for (const trial of [0, 1, 2, 3]) driver.arrive(trial, 5, NaN);
    expect(decisions(driver)).toEqual([]);
  });

  test('of equal values that of the lower member is better', () => {
    const driver = populated(4);
    for (const trial of [3, 2, 1, 0]) driver.arrive(trial, 5, 7);
    expect(decisions(driver)).toEqual([]);
    driver.arrive(3, 10, 7);
    expect(replacement(driver)).toMatchObject({ trial: 3, by: { from: { trial: 0 } } });
  });

  test('max objectives are better when larger', () => {
    const driver = populated(4, {}, { objective: 'max score' });
    for (const trial of [3, 2, 1, 0]) driver.arrive(trial, 5, trial);
    expect(replacement(driver)).toMatchObject({ trial: 0, by: { from: { trial: 3 } } });
  });

  test('trials of others are ignored, whatever they report', () => {
    const driver = nearlyReady();
    const enqueued = driver.create({ params: { x: 1 }, member: 0, because: { kind: 'user', detail: '' } }, { own: false });
    driver.arrive(enqueued, 5, -100);
    driver.arrive(3, 5, 3);
    expect(replacement(driver).by.from!.trial).toBe(0);
    driver.end(enqueued, 'failed', 6);
    expect(driver.strategy.suggest()).toBeUndefined();
  });
});

describe('a member whose trial', () => {
  test('fails or is cancelled is filled again from one of the best, explored', () => {
    for (const state of ['failed', 'cancelled'] as const) {
      const driver = populated(4);
      for (const trial of [0, 1, 2]) driver.arrive(trial, 5, trial);
      driver.end(3, state, 3);
      expect(driver.suggestion()).toMatchObject({ member: 3, from: { trial: 0, checkpoint: 'checkpoint-0-5', done: 5 }, because: { kind: 'exploit', donor: 0 } });
      driver.found();
      expect(driver.strategy.suggest()).toBeUndefined();
    }
  });

  test('fails when nobody has a checkpoint starts anew with params of its own', () => {
    const driver = populated(4);
    const before = driver.events.find((event) => event.kind === 'created' && event.trial === 2);
    driver.end(2, 'failed', 3);
    const again = driver.suggestion()!;
    expect(again.member).toBe(2);
    expect(again.from).toBeUndefined();
    expect(again.params).not.toEqual((before as { readonly params: object }).params);
  });

  test('fails ten times in a row, never getting to a milestone, is given up', () => {
    const driver = populated(2, { quantile: 0.5 });
    for (let time = 0; time < 10; time++) {
      const trial = time === 0 ? 1 : driver.found();
      driver.end(trial, 'failed', 1);
    }
    expect(driver.strategy.suggest()).toBeUndefined();
    driver.end(0, 'completed', 100);
    expect(driver.strategy.done()).toBe(true);
  });

  test('was cancelled before it started is filled again any number of times', () => {
    const driver = driveByHand({ population: 2, quantile: 0.5 });
    for (let time = 0; time < 20; time++) {
      const suggestion = driver.suggestion()!;
      expect(suggestion.member).toBe(0);
      driver.end(driver.create(suggestion, { started: false }), 'cancelled', 0);
    }
  });

  test('completes, or is stopped by a user or another plugin, is finished; all of them: the strategy is done', () => {
    const driver = populated(2, { quantile: 0.5 });
    driver.end(0, 'completed', 100);
    expect(driver.strategy.done()).toBe(false);
    driver.tell({ kind: 'decided', trial: 1, action: 'stop', by: 'user' });
    driver.end(1, 'stopped', 40);
    expect(driver.strategy.suggest()).toBeUndefined();
    expect(driver.strategy.done()).toBe(true);
  });

  test('ends after closed is filled again all the same, while no further founder comes', () => {
    const driver = driveByHand({ population: 3, quantile: 0.5 });
    driver.found();
    driver.found();
    driver.tell({ kind: 'closed' });
    expect(driver.strategy.suggest()).toBeUndefined();
    driver.end(1, 'failed', 2);
    expect(driver.suggestion()!.member).toBe(1);
    driver.found();
    driver.tell({ kind: 'opened' });
    expect(driver.suggestion()!.member).toBe(2);
  });
});

describe('with fewer workers than members', () => {
  test('a member makes way for those that wait with fewer steps done, and the one with the fewest goes on first', () => {
    const driver = driveByHand({ population: 3, quantile: 0.34 });
    driver.found();
    driver.arrive(0, 5, 1);
    expect(decisions(driver)).toEqual([{ trial: 0, action: 'pause', reason: 'other members wait with fewer steps done' }]);
    driver.commit(decisions(driver)[0]!);
    expect(driver.found()).toBe(1);
    driver.arrive(1, 5, 2);
    driver.commit(decisions(driver)[0]!);
    expect(driver.found()).toBe(2);
    // Nobody has fewer steps done than the last one: it goes on.
    driver.arrive(2, 5, 0);
    expect(decisions(driver)).toEqual([]);
    driver.arrive(2, 10, 0);
    driver.commit(decisions(driver)[0]!);
    expect(driver.resumption()).toBe(0);
    driver.tell({ kind: 'resumed', trial: 0, by: 'self' });
    expect(driver.resumption()).toBe(1);
    driver.tell({ kind: 'resumed', trial: 1, by: 'self' });
    expect(driver.resumption()).toBe(2);
  });

  test('nobody makes way when a worker will be free anyway', () => {
    const driver = populated(3, { quantile: 0.5 });
    driver.arrive(0, 5, 1);
    expect(decisions(driver)).toEqual([]);
    driver.tell({ kind: 'yielded', trial: 1, to: 'waiting' });
    driver.tell({ kind: 'decided', trial: 2, action: 'pause', by: 'user' });
    driver.arrive(0, 10, 1);
    expect(decisions(driver)).toEqual([]);
    driver.tell({ kind: 'yielded', trial: 2, to: 'paused' });
    driver.arrive(0, 15, 1);
    expect(decisions(driver)).toMatchObject([{ trial: 0, action: 'pause' }]);
    // Another worker has come for the one that waits.
    driver.start(1);
    expect(decisions(driver)).toEqual([]);
  });

  test('what a user paused is not resumed', () => {
    const driver = populated(2, { quantile: 0.5 });
    driver.tell({ kind: 'decided', trial: 0, action: 'pause', by: 'user' });
    driver.tell({ kind: 'yielded', trial: 0, to: 'paused' });
    expect(driver.strategy.suggest()).toBeUndefined();
    expect(driver.strategy.done()).toBe(false);
  });
});

describe('synchronous', () => {
  const options = { synchronous: true, quantile: 0.5 };

  test('nobody passes a milestone before all have got to it; then the worst are replaced and the others go on', () => {
    const driver = populated(4, { ...options, quantile: 0.25 });
    for (const trial of [3, 1, 0]) {
      driver.arrive(trial, 5, trial);
      expect(decisions(driver)).toMatchObject([{ trial, action: 'pause' }]);
      driver.commit(decisions(driver)[0]!);
      expect(driver.strategy.suggest()).toBeUndefined();
    }
    driver.arrive(2, 5, 2);
    const [decision] = decisions(driver);
    expect(decision).toMatchObject({ trial: 3, action: 'replace', by: { from: { trial: 0, done: 5 }, member: 3 } });
    driver.commit(decision!);
    // The last one to come was never paused.
    expect(decisions(driver)).toEqual([]);
    for (const trial of [0, 1]) {
      expect(driver.resumption()).toBe(trial);
      driver.tell({ kind: 'resumed', trial, by: 'self' });
    }
    expect(driver.strategy.suggest()).toBeUndefined();
  });

  test('one worker is enough', () => {
    const driver = driveByHand({ population: 2, ...options });
    driver.found();
    driver.arrive(0, 5, 1);
    driver.commit(decisions(driver)[0]!);
    driver.found();
    driver.arrive(1, 5, 2);
    expect(replacement(driver)).toMatchObject({ trial: 1, by: { from: { trial: 0 } } });
    driver.commit(decisions(driver)[0]!);
    expect(driver.resumption()).toBe(0);
  });

  test('who is over is not waited for; who is to be filled again is', () => {
    const driver = populated(3, options);
    driver.end(2, 'completed', 3);
    driver.arrive(0, 5, 1);
    driver.end(1, 'failed', 4);
    expect(decisions(driver)).toMatchObject([{ trial: 0, action: 'pause' }]);
    driver.commit(decisions(driver)[0]!);
    // Its successor starts at the milestone, so everybody is there.
    expect(driver.suggestion()).toMatchObject({ member: 1, from: { trial: 0, done: 5 } });
    driver.found();
    expect(decisions(driver)).toEqual([]);
    expect(driver.resumption()).toBe(0);
  });

  test('an attempt lost at the milestone is not started again before all are there', () => {
    const driver = populated(2, options);
    driver.arrive(0, 5, 1);
    driver.tell({ kind: 'yielded', trial: 0, to: 'waiting' });
    expect(decisions(driver)).toMatchObject([{ trial: 0, action: 'pause' }]);
  });

  test('closed, the founders that will not come are not waited for', () => {
    const driver = driveByHand({ population: 3, ...options });
    driver.found();
    driver.found();
    driver.arrive(0, 5, 1);
    driver.arrive(1, 5, 2);
    expect(decisions(driver).map(({ action }) => action)).toEqual(['pause', 'pause']);
    driver.tell({ kind: 'closed' });
    expect(decisions(driver)).toMatchObject([{ trial: 1, action: 'replace' }]);
  });
});

describe('the other ways to exploit', () => {
  test('tournament: against one other member, drawn, and only if that is better', () => {
    let lost = 0;
    for (let seed = 0; seed < 60; seed++) {
      const driver = populated(4, { exploit: 'tournament', founders: [{ x: seed / 10 }] });
      for (const trial of [0, 1, 2, 3]) driver.arrive(trial, 5, trial);
      for (const decision of decisions(driver)) {
        if (decision.action !== 'replace') continue;
        lost++;
        expect(decision.by.from!.trial).toBeLessThan(decision.trial);
      }
    }
    expect(lost).toBeGreaterThan(0);
    const equal = populated(2, { exploit: 'tournament' });
    for (const trial of [0, 1, 0, 1]) equal.arrive(trial, 5, 1);
    expect(decisions(equal)).toEqual([]);
  });

  test('ttest: only if the mean of the last 10 values is better beyond chance', () => {
    const driver = populated(2, { exploit: 'ttest' });
    const random = createRandom('ttest');
    driver.arrive(0, 5, 1);
    driver.arrive(1, 5, 1000);
    // One value each is no test.
    expect(decisions(driver)).toEqual([]);
    let replaced = false;
    for (let done = 10; done <= 60 && !replaced; done += 5) {
      driver.arrive(0, done, 1 + 0.01 * random.normal());
      driver.arrive(1, done, 2 + 0.01 * random.normal());
      // The outlier is remembered for ten values, and until then the means differ by chance.
      replaced = decisions(driver).length > 0;
      if (replaced) expect(done).toBe(55);
    }
    expect(replacement(driver)).toMatchObject({ trial: 1, by: { from: { trial: 0 } } });
    expect(replacement(driver).reason).toMatch(/^its mean (1\.99|2)\d* lost to (0\.99|1)[\d.]* of trial 0 \(p = \S+\)$/);
  });

  test('ttest: a child begins with the values of its donor', () => {
    const driver = populated(2, { exploit: 'ttest' });
    for (const done of [5, 10, 15]) {
      driver.arrive(0, done, 1 + done / 1000);
      if (decisions(driver).length === 0) driver.arrive(1, done, 9 + done / 1000);
    }
    const child = driver.commit(replacement(driver))!;
    driver.arrive(child, 20, 1);
    driver.arrive(child, 25, 1);
    expect(decisions(driver)).toEqual([]);
  });

  test('ttest: a member without numbers loses to any', () => {
    const driver = populated(2, { exploit: 'ttest' });
    driver.arrive(0, 5, 1);
    driver.arrive(1, 5, NaN);
    expect(replacement(driver)).toMatchObject({ trial: 1, by: { from: { trial: 0 } } });
  });
});

describe('memory and space', () => {
  test('a space without numbers is drawn anew', () => {
    const where = space({ kind: choice(['a', 'b']), flag: bool() });
    const driver = populated(4, {}, { space: where });
    for (const trial of [0, 1, 2, 3]) driver.arrive(trial, 5, trial);
    expect(replacement(driver).by.because).toMatchObject({ change: 'kind drawn anew, flag drawn anew' });
    expect(oneNumber.size).toBeUndefined();
  });
});
