import type { ObjectiveInput, Params, ParamsOf, Space } from '@paramo/core';
import { StudyServiceService } from '@paramo/protocol';
import type { OpenStudyRequest } from '@paramo/protocol';
import type { Connection } from './connect.js';
import { defaultConnection } from './default-connection.js';
import { createStudy, studyRecordOf } from './study.js';
import type { FrontStudy, SingleStudy, Study } from './study.js';
import { searchRequest } from './study-options.js';
import type { StudyOptions } from './study-options.js';

/** Over which connection a call goes. */
export interface ConnectionOption {
  /** By default the connection of this process, opened with its first call. */
  readonly connection?: Connection;
}

/**
 * Creates a study, or joins the one of that name.
 * @throws ParamoError STUDY_MISMATCH when the study of that name is another one, UNKNOWN_PLUGIN, INVALID_OPTIONS, …
 */
export async function openStudy<const S extends Space<Params>, const O extends ObjectiveInput>(options: StudyOptions<S, O>, { connection }: ConnectionOption = {}): Promise<Study<ParamsOf<S>, O>> {
  const opened = await openBy(connection ?? (await defaultConnection()), (requestId) => searchRequest(options, requestId));
  // Which of the two it is was decided by `O`, and is held by types alone.
  return opened as unknown as Study<ParamsOf<S>, O>;
}

/**
 * The study of this name or id, for reading, and for working on it without knowing its space.
 * @throws ParamoError STUDY_NOT_FOUND with the near miss.
 */
export async function findStudy(nameOrId: string, { connection }: ConnectionOption = {}): Promise<SingleStudy & FrontStudy> {
  const over = connection ?? (await defaultConnection());
  const isId = /^[0-9A-HJKMNP-TV-Z]{26}$/.test(nameOrId);
  const { study } = await over.link.unary(StudyServiceService.getStudy, { key: { $case: isId ? 'studyId' : 'name', value: nameOrId } });
  return createStudy<Params>(over, studyRecordOf(study));
}

/** Opens the study that a request describes. */
export async function openBy<P>(connection: Connection, request: (requestId: string) => OpenStudyRequest): Promise<SingleStudy<P> & FrontStudy<P>> {
  // What the last run of this program could not deliver had better be known before it asks for trials.
  void connection.reporter.start();
  const { study } = await connection.link.unary(StudyServiceService.openStudy, request(connection.nextRequestId()));
  return createStudy<P>(connection, studyRecordOf(study));
}
