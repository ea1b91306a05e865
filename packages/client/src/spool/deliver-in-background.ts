import { ParamoError, sleep } from '@paramo/core';
import type { Entropy } from '@paramo/core';
import { StudyServiceService } from '@paramo/protocol';
import { backoffMs } from '../backoff.js';
import { isLost } from '../link.js';
import type { Link } from '../link.js';
import { pointsAndEnds } from '../carrier/stranded.js';
import type { Warnings } from '../warning.js';
import { deliverLeftovers } from './deliver-leftovers.js';
import type { Leftovers, LeftoversOptions } from './deliver-leftovers.js';

/** What it runs on. */
export interface BackgroundDeliveryOptions extends LeftoversOptions {
  readonly entropy: Entropy;
  readonly warnings: Warnings;
}

/** Delivers what processes that are gone have left, for as long as that takes, and says what it was. Never rejects. */
export async function deliverInBackground(options: BackgroundDeliveryOptions): Promise<void> {
  const { clock, entropy, warnings, signal } = options;
  const link = unobtrusive(options.link);
  for (let tries = 0; !signal.aborted; tries++) {
    try {
      await say(await deliverLeftovers({ ...options, link }), { ...options, link });
      return;
    } catch (error) {
      if (!isLost(error) && !signal.aborted) {
        warnings.once('leftovers', `what an earlier process has left in ${options.spoolPath} cannot be delivered: ${ParamoError.from(error).message}`);
        return;
      }
      await sleep(clock, backoffMs(tries, entropy), signal);
    }
  }
}

async function say({ studies, damaged }: Leftovers, { link, warnings, signal }: BackgroundDeliveryOptions): Promise<void> {
  for (const { studyId, points, ends, refused } of studies) {
    if (points + ends + refused.length === 0) continue;
    const name = await nameOf(link, studyId, signal);
    if (points + ends > 0) warnings.once(`delivered ${studyId}`, `delivered what an earlier process had left: ${pointsAndEnds(points, ends)} of study ${name}`);
    const [first] = refused;
    if (first) warnings.once(`undelivered ${studyId}`, `some of what an earlier process had left of study ${name} was refused (${first.code}: ${first.reason})`);
  }
  for (const { directory, path, bytes, isTail } of damaged) {
    if (!isTail) warnings.once(`damage ${directory}/${path}`, `${bytes} bytes at the end of ${directory}/${path} are damaged and were not delivered`);
  }
}

async function nameOf(link: Link, studyId: string, signal: AbortSignal): Promise<string> {
  try {
    const { study } = await link.unary(StudyServiceService.getStudy, { key: { $case: 'studyId', value: studyId } }, { signal });
    return JSON.stringify(study?.spec?.name ?? studyId);
  } catch {
    return studyId;
  }
}

/** A link whose calls keep no process alive, and are made again by us alone. */
function unobtrusive(link: Link): Link {
  return { ...link, unary: (method, request, options) => link.unary(method, request, { ...options, patienceMs: 0, isBackground: true }) };
}
