import { ParamoError, type Values } from '@paramo/core';
import { checkedName, countFromMessage, jsonObjectFromMessage, trialStates, valuesFromMessage, type ImportRequest, type ImportResponse } from '@paramo/protocol';
import { contentLimits } from '../limits.js';
import type { ImportedTrial } from '../tuner/importing.js';
import type { Study } from '../tuner/study.js';
import type { Tuner } from '../tuner/tuner.js';
import { checkedParams, checkJson, checkValueCount } from './check-content.js';
import { checkColumns, countPoints } from './check-columns.js';

/** Trials that are stored in one transaction, and about as many points of theirs. */
const blockSize = 200;
const blockPoints = 200_000;

/** Adds finished trials from elsewhere. Those whose origin id is known are skipped, so an import may be repeated. */
export async function importTrials(tuner: Tuner, requests: AsyncIterable<ImportRequest>): Promise<ImportResponse> {
  let study: Study | undefined;
  let block: ImportedTrial[] = [];
  let points = 0;
  const total = { added: 0, skipped: 0, first: undefined as number | undefined };
  const flush = async (): Promise<void> => {
    if (!study || block.length === 0) return;
    const { added, skipped, first } = await study.importTrials(block);
    total.added += added;
    total.skipped += skipped;
    total.first ??= first;
    block = [];
    points = 0;
  };
  for await (const request of requests) {
    if (!study) {
      study = tuner.study(request.studyId);
      await study.ready;
    }
    const trial = fromMessage(request);
    block.push(trial);
    points += countPoints(trial.series);
    if (block.length >= blockSize || points >= blockPoints) await flush();
  }
  await flush();
  return { added: BigInt(total.added), skipped: BigInt(total.skipped), firstNumber: total.first === undefined ? undefined : BigInt(total.first) };
}

function fromMessage(request: ImportRequest): ImportedTrial {
  const state = trialStates.fromMessage(request.state, 'state');
  if (state !== 'completed' && state !== 'stopped' && state !== 'failed') {
    throw new ParamoError({ code: 'INVALID_ARGUMENT', message: `an imported trial is ${state}`, hint: 'Only completed, stopped and failed trials can be imported.' });
  }
  checkColumns(request.series);
  checkJson(request.attributesJson, 'attributes_json');
  checkValueCount(request.values, 'values', contentLimits.values);
  checkValueCount(request.metrics, 'metrics', contentLimits.series);
  const values: Values = valuesFromMessage(request.values);
  return {
    state, values, params: checkedParams(request.params), metrics: { ...valuesFromMessage(request.metrics, 'metrics'), ...values }, series: request.series,
    done: countFromMessage(request.done, 'done'), attributes: jsonObjectFromMessage(request.attributesJson, 'attributes_json'),
    originId: request.originId === '' ? '' : checkedName(request.originId, 'origin_id', 128),
  };
}
