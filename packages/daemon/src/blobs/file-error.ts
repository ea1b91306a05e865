import { ParamoError } from '@paramo/core';

const fullCodes: readonly (string | undefined)[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];
const busyCodes: readonly (string | undefined)[] = ['EMFILE', 'ENFILE', 'ENOMEM'];

/** What the operating system said about a file, as STORE_FULL, OVERLOADED or DATA_LOSS; a ParamoError stays itself. */
export function fileError(thrown: unknown, what: string): ParamoError {
  if (thrown instanceof ParamoError) return thrown;
  const { code, message } = thrown as NodeJS.ErrnoException;
  if (fullCodes.includes(code)) return storeFull(`${what}: ${message}`, thrown);
  if (busyCodes.includes(code)) return new ParamoError({ code: 'OVERLOADED', message: `${what}: ${message}`, hint: 'Try again when fewer files are in use.', cause: thrown });
  return new ParamoError({ code: 'DATA_LOSS', message: `${what}: ${message}`, hint: "Check the disk and the permissions of the home's store.", cause: thrown });
}

/** The refusal of content for which there is no room. */
export function storeFull(message: string, cause?: unknown): ParamoError {
  return new ParamoError({ code: 'STORE_FULL', message, hint: 'Free some space, for instance by deleting studies, then send it again.', cause });
}
