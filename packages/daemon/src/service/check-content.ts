import { ParamoError, type Params, type Worker } from '@paramo/core';
import { checkedName, Params as ParamsMessage, paramsFromMessage, Space, workerFromMessage, type StudySpec, type Values, type Worker as WorkerMessage } from '@paramo/protocol';
import { contentLimits } from '../limits.js';

/** @throws ParamoError LIMIT_EXCEEDED for a study whose texts, labels, space or objectives are larger than allowed. */
export function checkStudyContent({ plan, labels, attributesJson }: StudySpec): void {
  checkLabels(labels, 'spec.labels');
  checkJson(attributesJson, 'spec.attributes_json');
  if (!plan) return;
  if (plan.objectives.length > contentLimits.objectives) throw tooLarge('spec.plan.objectives', `are ${plan.objectives.length}`, `${contentLimits.objectives} at most`);
  if (plan.space) checkBytes('spec.plan.space', Space.encode(plan.space).finish().length, contentLimits.spaceBytes);
  checkJson(plan.strategy?.optionsJson ?? '', 'spec.plan.strategy.options_json');
  checkJson(plan.stopper?.optionsJson ?? '', 'spec.plan.stopper.options_json');
}

/** Params of a request. @throws ParamoError LIMIT_EXCEEDED, INVALID_ARGUMENT. */
export function checkedParams(params: ParamsMessage | undefined): Params {
  if (!params) return {};
  checkBytes('params', ParamsMessage.encode(params).finish().length, contentLimits.paramsBytes);
  return paramsFromMessage(params);
}

/** A worker of a request. @throws ParamoError LIMIT_EXCEEDED, INVALID_ARGUMENT. */
export function checkedWorker(worker: WorkerMessage, path = 'worker'): Worker {
  checkLabels(worker.labels, `${path}.labels`);
  if (worker.host !== '') checkedName(worker.host, `${path}.host`);
  return workerFromMessage(worker, path);
}

/** @throws ParamoError LIMIT_EXCEEDED for a JSON text that is too long, or whose objects and lists lie too deep within one another. */
export function checkJson(text: string, path: string): void {
  checkBytes(path, Buffer.byteLength(text), contentLimits.jsonBytes);
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (quoted) {
      if (char === '\\') i++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '{' || char === '[') {
      if (++depth > contentLimits.jsonDepth) throw tooLarge(path, `has more than ${contentLimits.jsonDepth} objects and lists within one another`, `${contentLimits.jsonDepth} at most`);
    } else if (char === '}' || char === ']') depth--;
  }
}

/** @throws ParamoError LIMIT_EXCEEDED for labels that are too long together. */
export function checkLabels(labels: ReadonlyMap<string, string>, path: string): void {
  let bytes = 0;
  for (const [name, value] of labels) bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  checkBytes(path, bytes, contentLimits.labelsBytes);
}

/** @throws ParamoError LIMIT_EXCEEDED for more values than a trial ends with. */
export function checkValueCount(values: Values | undefined, path: string, most: number): void {
  const count = values?.values.size ?? 0;
  if (count > most) throw tooLarge(path, `are ${count}`, `${most} at most`);
}

/** A text for people, cut where it is longer than allowed: what it explains must not fail for it. */
export function cutText(text: string, bytes: number = contentLimits.reasonBytes): string {
  // No character takes more than three bytes a code unit.
  if (text.length * 3 <= bytes || Buffer.byteLength(text) <= bytes) return text;
  return `${Buffer.from(text).subarray(0, bytes - 3).toString().replace(/\u{fffd}$/u, '')}…`;
}

function checkBytes(path: string, bytes: number, most: number): void {
  if (bytes > most) throw tooLarge(path, `${path.endsWith('s') ? 'take' : 'takes'} ${bytes} bytes`, `${most} bytes at most`);
}

function tooLarge(path: string, problem: string, most: string): ParamoError {
  return new ParamoError({ code: 'LIMIT_EXCEEDED', message: `${path} ${problem}`, hint: `Give ${most}; keep larger things in an artifact.`, details: { field: path } });
}
