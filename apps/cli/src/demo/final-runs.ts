import { findStudy, isParamoError } from '@paramo/client';
import type { Connection, StudyTrial } from '@paramo/client';
import type { Role } from './trainer.js';

/** The run of the last comparison that an earlier start of the demo has finished for this search. */
export async function findRun(connection: Connection, finalName: string, studyId: string, role: Role): Promise<StudyTrial | undefined> {
  try {
    const runs = await (await findStudy(finalName, { connection })).trials({ filter: 'state = completed' });
    return runs.find(({ attributes }) => attributes['study'] === studyId && attributes['role'] === role);
  } catch (error) {
    if (isParamoError(error, 'STUDY_NOT_FOUND')) return undefined;
    throw error;
  }
}

/** Whether both configurations of a search have been trained and compared. */
export async function isCompared(connection: Connection, finalName: string, studyId: string): Promise<boolean> {
  for (const role of ['default', 'best'] as const) if (!(await findRun(connection, finalName, studyId, role))) return false;
  return true;
}
