import { parentPort, workerData } from 'node:worker_threads';
import { dialerOf } from '../dial-target.js';
import type { DialTarget } from '../dial-target.js';
import { createLink } from '../link.js';
import { openHomeSpool } from '../spool/home-spool.js';
import type { SpoolPlace } from '../spool/home-spool.js';
import { createSystemClock } from '../system-clock.js';
import { createSystemEntropy } from '../system-entropy.js';
import { createCarrier } from './carrier.js';
import type { FromCarrier, ToCarrier } from './messages.js';

/** What the thread of a carrier is given. */
export interface CarrierThreadOptions {
  readonly memory: SharedArrayBuffer;
  readonly target: DialTarget;
  readonly writerId: string;
  readonly spool?: SpoolPlace;
}

/** What it says beside what its carrier says: that it runs. */
export interface FromThread {
  readonly kind: 'ready';
}

const { memory, target, writerId, spool } = workerData as CarrierThreadOptions;
const send = (message: FromCarrier | FromThread): void => parentPort!.postMessage(message);
const clock = createSystemClock();
const entropy = createSystemEntropy();
const link = createLink({ dial: dialerOf(target, process.env, clock), clock, entropy, onWait: ({ message }) => send({ kind: 'warning', subject: 'away', text: `waiting for the daemon: ${message}` }) });
const carrier = createCarrier({ link, clock, entropy, writerId, memory, send, ...(spool && openHomeSpool({ ...spool, link, clock, entropy, writerId })) });
send({ kind: 'ready' });
parentPort!.on('message', (message: ToCarrier) => carrier.receive(message));
