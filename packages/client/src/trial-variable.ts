import { ParamoError } from '@paramo/core';
import type { AttemptName } from './attempt.js';

/** The environment variable in which a program finds the trial that it is run for. */
export const trialVariable = 'PARAMO_TRIAL';

const form = /^([0-9A-HJKMNP-TV-Z]{26})\/(0|[1-9]\d{0,14})\/([1-9]\d{0,8})$/;

/** An attempt as its program finds it: `STUDY_ID/TRIAL/ATTEMPT`. */
export function formatTrialVariable({ studyId, trial, attempt }: AttemptName): string {
  return `${studyId}/${trial}/${attempt}`;
}

/** @throws ParamoError INVALID_ARGUMENT when the text names no attempt. */
export function parseTrialVariable(text: string): AttemptName {
  const [, studyId, trial, attempt] = form.exec(text) ?? [];
  if (studyId === undefined) {
    throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `${trialVariable} is ${JSON.stringify(text.slice(0, 80))}, which names no trial`, hint: `It is STUDY_ID/TRIAL/ATTEMPT and set by \`paramo run\`. Unset it to run by yourself.` });
  }
  return { studyId, trial: Number(trial), attempt: Number(attempt) };
}
