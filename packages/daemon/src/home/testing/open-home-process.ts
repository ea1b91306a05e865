// A process for tests: opens the home its argument names, says `opened` or the error's code, and keeps the home until its
// input ends.
import { ParamoError } from '@paramo/core';
import { systemEntropy } from '../../system-entropy.js';
import { openHome } from '../home.js';

try {
  const home = await openHome(process.argv[2] ?? '', { entropy: systemEntropy });
  home.writeDaemonFile({ version: '0', instanceId: '0', address: '127.0.0.1:1' });
  console.log('opened');
  process.stdin.resume().once('end', () => home.release());
} catch (thrown) {
  console.log(ParamoError.from(thrown).code);
}
