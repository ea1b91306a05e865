import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findStudy } from '@paramo/client';
import { ParamoError } from '@paramo/core';
import type { Json, Params } from '@paramo/core';
import { daemonProgram } from '../session.js';
import { formatNumber } from '../terminal/format.js';
import { findRun } from './final-runs.js';
import { openPython } from './python-environment.js';
import { searchSettings, startsWithDefaults } from './study-options.js';
import type { CreateTrainer, Role, SearchStudy } from './trainer.js';

const program = fileURLToPath(new URL('../../src/demo/digits.py', import.meta.url));
/** As in digits.py, and in MLPClassifier. */
const defaults: Params = { lr: 1e-3, solver: 'adam', units: 100, alpha: 1e-4, batch: 200 };
const images = { search: 500, final: 1000, test: 397 };

/** What digits.py says. */
type Message =
  | { readonly kind: 'study'; readonly id: string }
  | { readonly kind: 'start'; readonly trial: number; readonly params: Params }
  | { readonly kind: 'epoch'; readonly epoch: number; readonly accuracy: number }
  | { readonly kind: 'end'; readonly number: number }
  | { readonly kind: 'final'; readonly role: Role; readonly epoch: number; readonly accuracy: number };

/** Networks of scikit-learn, trained in a Python process that reports over gRPC to the same daemon. */
export const createPythonTrainer: CreateTrainer = (connection, options) => {
  const { studyName, finalName, trials, epochs } = options;
  const common = {
    name: studyName, trials, epochs, defaults, enqueue: !startsWithDefaults.has(options.strategy), ...searchSettings(options, { grid: { lr: 4, units: 3, alpha: 2 }, mutate: ['lr', 'alpha', 'batch'] }),
  };

  async function python(task: Readonly<Record<string, unknown>>, hear: (message: Message) => void | Promise<void>): Promise<void> {
    const child = spawn(await openPython(), [program, JSON.stringify({ ...common, ...task })], {
      stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, PARAMO_BIN: process.env['PARAMO_BIN'] ?? daemonProgram, ...(connection.target?.home && { PARAMO_HOME: connection.target.home }) },
    });
    const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
    // It is told of Ctrl-C too, and gives its trial back.
    const onInterrupt = (): void => void child.kill('SIGINT');
    process.on('SIGINT', onInterrupt);
    try {
      for await (const line of createInterface({ input: child.stdout })) await hear(JSON.parse(line) as Message);
      const code = await ended;
      if (code === 130 || code === null) throw new ParamoError({ code: 'ABORTED', message: 'the tuning was interrupted', hint: 'Run the same command again to go on.' });
      if (code !== 0) throw new ParamoError({ code: 'INTERNAL', message: `the Python trainer ended with ${code}`, hint: 'See above what it says.' });
    } finally {
      process.off('SIGINT', onInterrupt);
    }
  }

  return {
    defaults,
    finalImages: images.final,
    testImages: images.test,
    describe: ({ solver, lr, units, alpha, batch }) => `${solver} ${formatNumber(lr as number, 2)}, ${units} units, alpha ${formatNumber(alpha as number, 2)}, batch ${batch}`,
    async prepare() {
      await openPython();
      return `${images.search} digits, ${epochs} epochs, scikit-learn in Python`;
    },
    async openStudy(fresh) {
      let id = '';
      await python({ do: 'open', fresh }, (message) => {
        if (message.kind === 'study') ({ id } = message);
      });
      return (await findStudy(id, { connection })) as unknown as SearchStudy;
    },
    async search(progress) {
      const study = await findStudy(studyName, { connection });
      await python({ do: 'search' }, async (message) => {
        if (message.kind === 'start') progress.start(message.trial, message.params);
        if (message.kind === 'epoch') progress.epoch(message.epoch, message.accuracy);
        if (message.kind === 'end') progress.end(await study.trial(message.number));
      });
    },
    async compare(searched, best, show) {
      const known = async (role: Role): Promise<number | undefined> => (await findRun(connection, finalName, searched, role))?.metrics['val_acc'];
      const wanted: Record<string, Json> = {};
      for (const [role, params] of [['default', defaults], ['best', best]] as const) if ((await known(role)) === undefined) wanted[role] = params as Json;
      if (Object.keys(wanted).length > 0) {
        await python({ do: 'compare', final: finalName, study: searched, roles: wanted }, (message) => {
          if (message.kind === 'final') show(message.role, message.epoch, message.accuracy);
        });
      }
      return { default: (await known('default')) ?? Number.NaN, best: (await known('best')) ?? Number.NaN };
    },
  };
};
