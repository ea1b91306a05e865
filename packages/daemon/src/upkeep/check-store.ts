import { ParamoError } from '@paramo/core';
import { checkSeries } from '../store/check-series.js';
import { studyTables } from '../store/deletion.js';
import { decodeKey, prefixRange } from '../store/key.js';
import { tables } from '../store/layout.js';
import { unseal } from '../store/sealed-store.js';
import type { Store } from '../store/store.js';
import { systemClock } from '../system-clock.js';
import { createStudyStore } from '../store/study-store.js';
import type { StudyStore } from '../store/study-store.js';
import { foldDifferences } from '../tuner/fold-check.js';
import { checkBlobs } from './check-blobs.js';
import type { CheckNews } from './check-news.js';
import { neededBlobs } from './needed-blobs.js';

/** What is to be checked. */
export interface StoreCheck {
  /** It must not change meanwhile. */
  readonly store: Store;
  /** The folder of blobs; absent: they are not looked at. */
  readonly blobs?: string;
  /** Whether an entry is still there that was: what it needs may be gone with it. */
  readonly hasNow: (key: Uint8Array) => boolean;
}

/** More of one kind help nobody. */
const mostFindings = 50;
const progressEvery = 1000;
const restore = 'Bring a backup back with `paramo restore`; what else is stored can be used meanwhile.';

/**
 * Checks a whole store: every entry is whole and belongs to a study, every piece of a series is whole, every study is the fold
 * of its log, and every blob that is needed is there with the content of its name.
 */
export async function* checkStore({ store, blobs, hasNow }: StoreCheck): AsyncGenerator<CheckNews, void, undefined> {
  const studies = createStudyStore(store, systemClock, { looks: true });
  let wrong = 0;
  const bad = function* (subject: string, detail: string, hint = restore): Generator<CheckNews, void, undefined> {
    if (wrong++ < mostFindings) yield { kind: 'finding', finding: { subject, ok: false, detail, hint } };
  };
  const good = (subject: string, detail: string): CheckNews => ({ kind: 'finding', finding: { subject, ok: true, detail, hint: '' } });

  const called = new Map(Array.from(storedNames(store), ({ name, studyId }) => [studyId, name]));
  const names = new Map(Array.from(studies.studyIds(), (studyId) => [studyId, called.get(studyId) ?? '']));
  const title = (studyId: string): string => `study "${names.get(studyId)}" (${studyId})`;

  const entries = yield* checkEntries(store, names, bad);
  yield* checkNames(store, studies, bad);

  let pieces = 0;
  for (const damage of checkSeries(store)) {
    if (damage) yield* bad('points', damage.summary, damage.hint);
    if (++pieces % progressEvery === 0) yield { kind: 'progress', what: 'points', done: pieces, total: 0 };
  }

  let [trials, events, done] = [0, 0, 0];
  for (const studyId of names.keys()) {
    yield { kind: 'progress', what: 'studies', done: done++, total: names.size };
    try {
      const { counts, position } = studies.study(studyId)!;
      trials += Object.values(counts).reduce((sum, one) => sum + one, 0);
      events += position;
      for (const { object, detail } of foldDifferences(studies, studyId)) yield* bad(title(studyId), `${object} ${detail}`);
    } catch (error) {
      yield* bad(title(studyId), ParamoError.from(error).summary);
    }
  }
  yield good('tables', `${entries} entries, ${names.size} studies, ${trials} trials, ${events} events, ${pieces} pieces of series`);

  if (blobs !== undefined) yield* checkBlobs({ folder: blobs, needed: neededBlobs(store, title), isNoted: (key) => store.get(key) !== undefined, hasNow, bad, good });
  if (wrong > mostFindings) yield { kind: 'finding', finding: { subject: 'store', ok: false, detail: `${wrong - mostFindings} more things are wrong`, hint: restore } };
}

/** Reads every entry once; answers how many there are. */
function* checkEntries(store: Store, names: ReadonlyMap<string, string>, bad: (subject: string, detail: string) => Iterable<CheckNews>): Generator<CheckNews, number, undefined> {
  const known: ReadonlySet<string> = new Set(Object.values(tables));
  const deleting = new Set(Array.from(store.range({ ...prefixRange(tables.deletion), keysOnly: true }), ([key]) => decodeKey(key, ['text', 'text'])[1] as string));
  const strays = new Map<string, number>();
  let entries = 0;
  for (const [key, value] of store.range({ from: Uint8Array.of(0), to: Uint8Array.of(255) })) {
    if (++entries % progressEvery === 0) yield { kind: 'progress', what: 'entries', done: entries, total: 0 };
    const table = key[1] === 0 ? String.fromCharCode(key[0]!) : '';
    if (!known.has(table)) {
      yield* bad('store', `an entry has the unknown key ${Buffer.from(key).toString('hex').slice(0, 80)}`);
      continue;
    }
    const damage = damageOf(key, value);
    if (damage !== undefined) yield* bad('store', damage);
    if (!studyTables.includes(table)) continue;
    const studyId = decodeKey(key, ['text', 'text'])[1] as string;
    if (!names.has(studyId) && !deleting.has(studyId)) strays.set(studyId, (strays.get(studyId) ?? 0) + 1);
  }
  const { entries: counted } = store.stat();
  if (entries !== counted) yield* bad('store', `${counted} entries were stored, ${entries} can be found`);
  for (const [studyId, count] of strays) yield* bad(`study ${studyId}`, `${count} entries belong to a study that is not there`);
  return entries;
}

function* checkNames(store: Store, studies: StudyStore, bad: (subject: string, detail: string) => Iterable<CheckNews>): Generator<CheckNews, void, undefined> {
  for (const { name, studyId } of storedNames(store)) {
    try {
      const study = studies.study(studyId);
      if (study?.spec.name !== name) yield* bad(`name "${name}"`, `leads to ${studyId}, which is ${study ? `called "${study.spec.name}"` : 'not there'}`);
    } catch {
      // Told with the study.
    }
  }
}

/** The names that are whole; the others are told as damaged entries. */
function* storedNames(store: Store): Iterable<{ readonly name: string; readonly studyId: string }> {
  for (const [key, value] of store.range(prefixRange(tables.name))) {
    if (damageOf(key, value) === undefined) yield { name: decodeKey(key, ['text', 'text'])[1] as string, studyId: Buffer.from(unseal(key, value)).toString() };
  }
}

function damageOf(key: Uint8Array, value: Uint8Array): string | undefined {
  try {
    unseal(key, value);
    return undefined;
  } catch (error) {
    return ParamoError.from(error).summary;
  }
}
