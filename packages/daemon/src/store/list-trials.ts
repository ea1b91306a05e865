import { ParamoError } from '@paramo/core';
import type { StudyRecord, TrialRecord } from '@paramo/core';
import { decodePageToken, encodePageToken } from './page-token.js';
import type { Listing, PageCursor } from './page-token.js';
import { walkRanks } from './ranked-trials.js';
import type { StudyStore } from './study-store.js';
import type { FieldNames } from './trial-field.js';
import { parseFilter } from './trial-filter.js';
import type { TrialTest } from './trial-filter.js';
import { parseOrder } from './trial-order.js';
import type { TrialOrder } from './trial-order.js';

/** Which trials to list. */
export interface TrialListOptions {
  /** As `parseFilter`; empty: all but retracted ones. */
  readonly filter?: string;
  /** As `parseOrder`; empty: by number. */
  readonly order?: string;
  /** At most 1000; 0: 100. */
  readonly pageSize?: number;
  /** From the page before; empty: the first page. */
  readonly pageToken?: string;
}

/** A page of trials. It may hold fewer than asked for, even none, and have a next one all the same. */
export interface TrialPage {
  readonly trials: TrialRecord[];
  /** Empty: this was the last page. */
  readonly nextPageToken: string;
}

/** One page and where to go on; undefined: nowhere. */
interface Found {
  readonly trials: TrialRecord[];
  readonly next: PageCursor | undefined;
}

/** A page by number ends after so many trials gone over, so that a rare match holds nobody up. */
const mostScanned = 10_000;
const defaultPageSize = 100;
const mostPageSize = 1000;
const sampled = 20;

/**
 * A page of a study's trials. By number, and by value where completed trials are asked for, a page is read where it
 * begins; other orders go over all trials.
 * @throws ParamoError STUDY_NOT_FOUND; INVALID_ARGUMENT for a filter, order, page size or page token that cannot be used.
 */
export function listTrials(studies: StudyStore, studyId: string, options: TrialListOptions = {}): TrialPage {
  const { filter = '', order = '', pageSize = 0, pageToken = '' } = options;
  const study = studies.study(studyId);
  if (!study) throw new ParamoError({ code: 'STUDY_NOT_FOUND', message: `no study has the id "${studyId}"`, hint: 'List the studies to see which there are.' });
  if (!Number.isSafeInteger(pageSize) || pageSize < 0 || pageSize > mostPageSize) {
    throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `a page of ${pageSize} trials cannot be given`, hint: `Ask for 1 to ${mostPageSize}, or 0 for ${defaultPageSize}.` });
  }
  const names = fieldNames(studies, study);
  const { objectives } = study.spec;
  const parsedFilter = parseFilter(filter, names);
  const parsedOrder = parseOrder(order, objectives, names);
  const listing: Listing = { studyId, filter: filter.trim(), order: order.trim() };
  const after = pageToken === '' ? undefined : decodePageToken(listing, pageToken);
  const page: PageRequest = { studies, studyId, test: parsedFilter.test, order: parsedOrder, size: pageSize || defaultPageSize, after };
  const ranked = parsedFilter.completedOnly && parsedOrder.field === 'value' && objectives.length === 1;
  const { trials, next } = parsedOrder.field === 'number' ? pageByNumber(page) : ranked ? pageByRank(page) : pageBySorting(page);
  return { trials, nextPageToken: next ? encodePageToken(listing, next) : '' };
}

interface PageRequest {
  readonly studies: StudyStore;
  readonly studyId: string;
  readonly test: TrialTest;
  readonly order: TrialOrder;
  readonly size: number;
  readonly after: PageCursor | undefined;
}

function pageByNumber({ studies, studyId, test, order: { reverse }, size, after }: PageRequest): Found {
  const from = after && after.number + (reverse ? -1 : 1);
  if (from !== undefined && from < 0) return { trials: [], next: undefined };
  const trials: TrialRecord[] = [];
  let scanned = 0;
  let last = after?.number ?? -1;
  for (const trial of studies.trials(studyId, { reverse, ...(from !== undefined && { from }) })) {
    const matches = test(trial);
    if ((matches && trials.length === size) || scanned++ === mostScanned) return { trials, next: { value: undefined, number: last } };
    if (matches) trials.push(trial);
    last = trial.number;
  }
  return { trials, next: undefined };
}

/** Ranked trials first; then those completed without a finite value, which have no rank, by number. */
function pageByRank(page: PageRequest): Found {
  const { studies, studyId, test, order, size, after } = page;
  const trials: TrialRecord[] = [];
  if (after === undefined || after.value !== undefined) {
    let last: PageCursor | undefined;
    for (const place of walkRanks(studies.store, { studyId, reverse: order.reverse, after })) {
      if (trials.length === size) return { trials, next: last };
      const trial = studies.trial(studyId, place.number);
      if (trial) trials.push(trial);
      last = place;
    }
  }
  const rest = pageByNumber({
    ...page,
    order: { ...order, reverse: false },
    test: (trial) => test(trial) && order.cursor(trial).value === undefined,
    size: size - trials.length,
    after: after !== undefined && after.value === undefined ? after : undefined,
  });
  return { trials: [...trials, ...rest.trials], next: rest.next };
}

/** Goes over all trials and keeps the page's. */
function pageBySorting({ studies, studyId, test, order, size, after }: PageRequest): Found {
  const kept: { readonly place: PageCursor; readonly trial: TrialRecord }[] = [];
  for (const trial of studies.trials(studyId)) {
    if (!test(trial)) continue;
    const place = order.cursor(trial);
    if (after && order.compare(place, after) <= 0) continue;
    let at = kept.length;
    while (at > 0 && order.compare(place, kept[at - 1]!.place) < 0) at--;
    if (at > size) continue;
    kept.splice(at, 0, { place, trial });
    if (kept.length > size + 1) kept.pop();
  }
  const page = kept.slice(0, size);
  return { trials: page.map(({ trial }) => trial), next: kept.length > size ? page.at(-1)!.place : undefined };
}

/** The names bare fields resolve to: the space's and the objectives', and those of the first and newest trials. */
function fieldNames(studies: StudyStore, { studyId, spec }: StudyRecord): FieldNames {
  const params = new Set(spec.space?.parameters.map(({ name }) => name));
  const metrics = new Set(spec.objectives.map(({ metric }) => metric));
  for (const reverse of [false, true]) {
    let count = 0;
    for (const trial of studies.trials(studyId, { reverse })) {
      for (const name of Object.keys(trial.params)) params.add(name);
      for (const name of Object.keys(trial.metrics)) metrics.add(name);
      if (++count === sampled) break;
    }
  }
  return { params: [...params], metrics: [...metrics] };
}
