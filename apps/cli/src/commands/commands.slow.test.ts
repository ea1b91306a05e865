import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSandbox } from '../testing/sandbox.js';
import type { Ended, Sandbox } from '../testing/sandbox.js';

let sandbox: Sandbox;

const study = `
import { choice, float, int, space, track, tune } from 'paramo';
const s = space({ lr: float(1e-4, 1, { log: true, default: 0.1 }), n: int(1, 8), opt: choice(['adam', 'sgd, "fast"']) });
await tune({ name: 'bowl', space: s, objective: 'min loss', strategy: 'random', seed: 7, budget: { trials: 6 } }, async (trial) => {
  for await (const step of trial.steps(3)) trial.log({ loss: (Math.log(trial.params.lr) + 3) ** 2 + 1 / (step + 1), odd: trial.number === 1 ? NaN : step });
});
await tune({ name: 'two ends', space: s, objective: ['min loss', 'max speed'], strategy: 'random', budget: { trials: 4 } }, (trial) => ({ loss: trial.params.lr, speed: trial.params.n }));
await tune({ name: 'broken', space: s, objective: 'min loss', strategy: 'random', budget: { trials: 2 } }, () => { throw new Error('no such file'); }).catch((error) => console.log(error.code));
await track('tracked', { params: { batch: 64 } }, (run) => run.log({ accuracy: 0.5 }));
console.log('ready');
`;

beforeAll(async () => {
  sandbox = createSandbox();
  const { code, stdout, stderr } = await sandbox.script(study).ended;
  expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: 'STUDY_ENDED\nready\n' });
}, 60_000);

afterAll(() => sandbox.close());

const json = ({ code, stdout, stderr }: Ended): unknown => {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
};
const tsv = ({ code, stdout }: Ended): string[][] => {
  expect(code).toBe(0);
  return stdout.trimEnd().split('\n').map((line) => line.split('\t'));
};

describe('listings', () => {
  test('studies lists all of them, newest first, as TSV in a pipe and as one JSON document', async () => {
    const [titles, ...rows] = tsv(await sandbox.paramo('studies'));
    expect(titles).toContain('best');
    expect(rows.map(([name]) => name)).toEqual(['tracked', 'broken', 'two ends', 'bowl']);
    expect(json(await sandbox.paramo('studies', '--json'))).toMatchObject([{}, {}, {}, { spec: { name: 'bowl' }, state: 'ended', endReason: 'budget', counts: { completed: 6 } }]);
  });

  test('trials lists them by filter and order, the defaults first', async () => {
    const [titles, first] = tsv(await sandbox.paramo('trials', 'bowl'));
    expect(titles).toEqual(['trial', 'state', 'loss', 'steps', 'ms', 'lr', 'n', 'opt', 'reason']);
    expect(first!.slice(0, 2)).toEqual(['0', 'completed']);
    const best = json(await sandbox.paramo('trials', 'bowl', '--order', 'value', '--limit', '2', '--json')) as { value: number }[];
    const all = json(await sandbox.paramo('trials', 'bowl', '--filter', 'state = completed', '--json')) as { number: number; value: number }[];
    expect(all.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(best.map(({ value }) => value)).toEqual(all.map(({ value }) => value).sort((a, b) => a - b).slice(0, 2));
  });

  test('numbers JSON does not know are strings', async () => {
    const [trial] = json(await sandbox.paramo('trials', 'bowl', '--filter', 'number = 1', '--json')) as { metrics: object }[];
    expect(trial!.metrics).toMatchObject({ odd: 'NaN' });
  });

  test('a tracked run is listed with its metrics', async () => {
    const [titles, row] = tsv(await sandbox.paramo('trials', 'tracked'));
    expect(Object.fromEntries(titles!.map((title, index) => [title, row![index]]))).toMatchObject({ state: 'completed', accuracy: '0.5', batch: '64' });
  });

  test('best shows the best trial, and the front of several objectives', async () => {
    const shown = Object.fromEntries(tsv(await sandbox.paramo('best', 'bowl')));
    const best = json(await sandbox.paramo('best', 'bowl', '--json')) as { number: number; value: number };
    expect(shown).toMatchObject({ trial: String(best.number), loss: String(best.value) });
    const front = json(await sandbox.paramo('best', 'two ends', '--json')) as object[];
    expect(front.length).toBeGreaterThan(0);
  });

  test('importance lists the parameters the objective goes with, strongest first', async () => {
    const [titles, ...rows] = tsv(await sandbox.paramo('importance', 'bowl'));
    expect(titles).toEqual(['parameter', 'correlation', 'measure', 'trials']);
    const found = json(await sandbox.paramo('importance', 'bowl', '--json')) as { parameter: string; correlation: number; measure: string; trials: number }[];
    expect(rows).toEqual(found.map((row) => [row.parameter, String(row.correlation), row.measure, '6']));
    expect(found.map(({ parameter, measure }) => [parameter, measure]).sort()).toEqual([['lr', 'spearman'], ['n', 'spearman'], ['opt', 'correlation ratio']]);
    const strengths = found.map(({ correlation }) => Math.abs(correlation));
    expect(strengths).toEqual(strengths.toSorted((a, b) => b - a));
    expect(json(await sandbox.paramo('importance', 'broken', '--json'))).toEqual([]);
    // Every trial of the bowl logged three steps, each a constant above the value at the end: the ranks are the same.
    const strip = (all: typeof found): unknown => all.map(({ parameter, correlation, trials }) => ({ parameter, correlation, trials }));
    expect(strip(json(await sandbox.paramo('importance', 'bowl', '--step', '0', '--json')) as typeof found)).toEqual(strip(found));
    expect(json(await sandbox.paramo('importance', 'bowl', '--step', '3', '--json'))).toEqual([]);
  });

  test('importance is that for one objective, and says so of studies with several or none', async () => {
    for (const [name, why] of [['two ends', 'has 2 objectives'], ['tracked', 'has no objective']] as const) {
      const { code, stderr } = await sandbox.paramo('importance', name);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(new RegExp(`^INVALID_ARGUMENT: .*${why}`)) as string });
    }
  });

  test('plugins lists what the daemon may load, and the options of one', async () => {
    const rows = tsv(await sandbox.paramo('plugins'));
    expect(rows.slice(1).map(([name, kind]) => [name, kind]).sort()).toEqual([['asha', 'stopper'], ['bayes', 'strategy'], ['grid', 'strategy'], ['median', 'stopper'], ['random', 'strategy']]);
    const random = json(await sandbox.paramo('plugins', 'random', '--json')) as { optionsSchema: { properties: object } };
    expect(Object.keys(random.optionsSchema.properties)).toContain('sequence');
    expect((await sandbox.paramo('plugins', 'random')).stdout).toContain('"sobol"');
  });
});

describe('export', () => {
  test('json holds the study, every trial and, when asked, every point', async () => {
    const found = json(await sandbox.paramo('export', 'bowl', '--series')) as { study: object; trials: { number: number; series: { loss: { steps: number[]; values: number[] } } }[] };
    expect(found.study).toMatchObject({ spec: { name: 'bowl' } });
    expect(found.trials.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(found.trials[0]!.series.loss.steps).toEqual([0, 1, 2]);
  });

  test('csv has a line a trial with quoted cells, into a file that appears when it is complete', async () => {
    const path = join(sandbox.directory, 'bowl.csv');
    const { code, stdout, stderr } = await sandbox.paramo('export', 'bowl', '--format', 'csv', '--output', path);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: `wrote 6 trials to ${path}\n` });
    const [titles, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(titles).toMatch(/^trial,state,value,.*,params\.lr,params\.n,params\.opt,metrics\.loss,metrics\.odd$/);
    expect(lines).toHaveLength(6);
    expect(lines.join('\n')).toContain('"sgd, ""fast"""');
    expect(lines[1]).toMatch(/,NaN$/);
  });

  test('csv with --series has a line a point', async () => {
    const { stdout } = await sandbox.paramo('export', 'bowl', '--format', 'csv', '--series');
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('trial,metric,step,value,time');
    expect(lines).toHaveLength(1 + 6 * 3 * 2);
  });

  test('a file that cannot be written is an error that leaves nothing behind', async () => {
    const { code, stderr } = await sandbox.paramo('export', 'bowl', '--output', join(sandbox.directory, 'none', 'bowl.json'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^INVALID_ARGUMENT: .*bowl\.json cannot be written .* Give a file/);
  });
});

describe('watch and replay', () => {
  test('watch in a pipe prints a line an event and ends with the study', async () => {
    const { code, stdout, stderr } = await sandbox.paramo('watch', 'bowl');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\S+ {2}study "bowl" created\n/);
    expect(stdout).toContain('trial 5 completed after 3 steps: loss');
    expect(stderr).toBe('study "bowl" has ended (budget: 6 trials)\n');
  });

  test('watch --jsonl prints the log itself, positions without gaps', async () => {
    const { code, stdout } = await sandbox.paramo('watch', 'bowl', '--jsonl');
    const events = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as { position: number; kind: string });
    expect(code).toBe(0);
    expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index + 1));
    expect(events.at(-1)!.kind).toBe('study_ended');
  });

  test('watch of a study whose every trial failed exits with 6, and so does best', async () => {
    expect((await sandbox.paramo('watch', 'broken')).code).toBe(6);
    const { code, stderr } = await sandbox.paramo('best', 'broken');
    expect(code).toBe(6);
    expect(stderr).toContain('2 failed');
  });

  test('replay reproduces every study', async () => {
    expect((await sandbox.paramo('replay', 'bowl')).stdout).toMatch(/^reproduced: 6 /);
    expect(json(await sandbox.paramo('replay', 'two ends', '--json'))).toMatchObject({ study: 'two ends', outcome: 'reproduced', reproduced: 4 });
  });
});

describe('doctor', () => {
  test('everything is well, in words and as JSON', async () => {
    const { code, stdout } = await sandbox.paramo('doctor');
    expect({ code, stdout }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/^ok {4}store: /m);
    const found = json(await sandbox.paramo('doctor', '--json')) as { ok: boolean; findings: { subject: string; ok: boolean }[] };
    expect(found.ok).toBe(true);
    expect(found.findings.map(({ subject }) => subject)).toEqual(expect.arrayContaining(['versions', 'home', 'connection', 'daemon', 'store', '@paramo/strategy-random', 'tables', 'blobs']));
  });

  test('--quick does not read what is stored', async () => {
    const { stdout } = await sandbox.paramo('doctor', '--quick');
    expect(stdout).toMatch(/^ok {4}store: /m);
    expect(stdout).not.toMatch(/^ok {4}(?:tables|blobs): /m);
  });

  test('a plugin that is not there is found, and the exit code says so', async () => {
    const other = createSandbox();
    try {
      await other.paramo('up');
      await other.paramo('down');
      writeFileSync(join(other.home, 'config.json'), '{ "plugins": ["paramo-strategy-missing"] }');
      const { code, stdout } = await other.paramo('doctor');
      expect(code).toBe(1);
      expect(stdout).toMatch(/^WRONG paramo-strategy-missing: /m);
    } finally {
      await other.close();
    }
  });
});

describe('colours and terminals', () => {
  test('nothing in a pipe holds an escape sequence', async () => {
    for (const args of [['studies'], ['doctor'], ['watch', 'bowl'], ['best', 'bowl']]) {
      const { stdout, stderr } = await sandbox.paramo(...args);
      expect(stdout + stderr).not.toContain('\u001b');
    }
  });
});

describe('the daemon', () => {
  test('down ends the daemon of the home, and the next command starts another', async () => {
    const { pid } = sandbox.daemon();
    const { code, stderr } = await sandbox.paramo('down');
    expect(code).toBe(0);
    expect(stderr).toContain(`process ${pid}) has ended`);
    expect(() => sandbox.daemon()).toThrow('ENOENT');
    expect((await sandbox.paramo('down')).stderr).toMatch(/^no daemon runs on /);
    expect(json(await sandbox.paramo('studies', '--json'))).toHaveLength(4);
  });
});
