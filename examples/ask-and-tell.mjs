// The same search, driven from your own loop: ask for a trial, evaluate it wherever you like, tell what came out.
// Run it: node ask-and-tell.mjs
import { choice, float, openStudy, space } from 'paramo';

const study = await openStudy({
  name: 'bakery',
  space: space({ temperature: float(150, 250), flour: choice(['wheat', 'rye', 'spelt']) }),
  objective: 'max taste',
  budget: { trials: 12 },
  fresh: true, // a new study at each start; without it the one of this name goes on
});

for (let baked = 0; baked < 12; baked++) {
  const trial = await study.ask();
  const { temperature, flour } = trial.params;
  if (temperature > 245) {
    await study.tell(trial, new Error('burnt'));
    continue;
  }
  await study.tell(trial, { taste: (flour === 'rye' ? 8 : 6) - Math.abs(temperature - 210) / 20 });
}

const best = await study.best();
console.log(`best: ${best.params.flour} at ${best.params.temperature.toFixed(0)} °C, taste ${best.value.toFixed(2)}`);
