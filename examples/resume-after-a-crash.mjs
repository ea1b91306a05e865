// A training that is killed on its way, as by a power cut, and goes on from its last checkpoint when it is started again.
// Run it: node resume-after-a-crash.mjs
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { float, space, tune } from 'paramo';

async function train() {
  await tune({ name: 'crash', space: space({ rate: float(0.01, 0.5, { log: true }) }), objective: 'min loss', budget: { trials: 3 } }, async (trial) => {
    let weight = trial.resume ? Number(await readFile(join(trial.resume.dir, 'weight'), 'utf8')) : 10;
    if (trial.resume) console.log(`trial ${trial.number} goes on from step ${trial.resume.step}, with the weight ${weight.toFixed(3)}`);
    for await (const step of trial.steps(20)) {
      weight -= trial.params.rate * weight;
      trial.log({ loss: weight ** 2 });
      await trial.checkpoint((directory) => writeFile(join(directory, 'weight'), String(weight)), { force: true });
      if (trial.number === 1 && step === 10 && !trial.resume) process.kill(process.pid, 'SIGKILL');
    }
    console.log(`trial ${trial.number} done`);
  });
}

if (process.argv[2] === 'train') await train();
else {
  for (const start of ['first', 'second']) {
    const { signal, stdout } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), 'train'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    console.log(`the ${start} start ${signal ? `was ended by ${signal}` : 'came to its end'}:\n${stdout.replace(/^/gm, '  ')}`);
  }
}
