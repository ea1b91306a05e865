import { ParamoError } from '@paramo/core';
import type { Json, TrialRecord } from '@paramo/core';
import { jsonObjectToMessage, trialRecordFromMessage, TrialServiceService } from '@paramo/protocol';
import { checkNames } from './check-options.js';
import type { Connection } from './connect.js';

/** What people note about a trial, kept as its attributes of the same names. */
export interface Notes {
  /** Labels to find it by: `paramo trials NAME --filter 'tags = baseline'`. */
  readonly tags?: readonly string[];
  /** Anything, in words. */
  readonly note?: string;
  /** Names the trials it belongs with. */
  readonly group?: string;
}

const noteNames = ['tags', 'note', 'group'] as const;

/** Notes as attributes; what is absent is none. @throws ParamoError INVALID_OPTIONS for tags that are no texts. */
export function notesToAttributes({ tags, note, group }: Notes): Readonly<Record<string, Json>> {
  if (tags !== undefined && !(Array.isArray(tags) && tags.every(isText))) throw invalid('tags', tags, "Give a list of texts, such as ['baseline'].");
  if (note !== undefined && typeof note !== 'string') throw invalid('note', note, 'Give a text.');
  if (group !== undefined && typeof group !== 'string') throw invalid('group', group, 'Give the name of a group.');
  return { ...(tags && { tags: [...new Set(tags)] }), ...(note !== undefined && { note }), ...(group !== undefined && { group }) };
}

/** Replaces what is noted about a trial, as far as it is given; an empty list or text removes it. Answers the trial as it stands. */
export async function annotate({ link }: Connection, { studyId, trial }: { readonly studyId: string; readonly trial: number }, notes: Notes): Promise<TrialRecord> {
  checkNames(notes, noteNames);
  const change = Object.fromEntries(Object.entries(notesToAttributes(notes)).map(([name, value]) => [name, value === '' || (Array.isArray(value) && value.length === 0) ? null : value]));
  return changeAttributes(link, { studyId, trial }, change);
}

/** Replaces attributes of a trial, and removes those that are null. */
export async function changeAttributes(link: Connection['link'], { studyId, trial }: { readonly studyId: string; readonly trial: number }, attributes: Readonly<Record<string, Json>>): Promise<TrialRecord> {
  const { trial: changed } = await link.unary(TrialServiceService.updateTrial, { studyId, trial: BigInt(trial), attributesJson: jsonObjectToMessage(attributes) });
  return trialRecordFromMessage(changed!);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function invalid(option: string, value: unknown, hint: string): ParamoError {
  return new ParamoError({ code: 'INVALID_OPTIONS', message: `${option} is ${JSON.stringify(value)}`, hint });
}
