import type { SpoolRecord } from '@paramo/protocol';

/** The end of an attempt as it is kept in a spool: without batches and without an ask. */
export type AttemptEnd = Extract<NonNullable<SpoolRecord['kind']>, { readonly $case: 'complete' | 'fail' | 'release' }>;
