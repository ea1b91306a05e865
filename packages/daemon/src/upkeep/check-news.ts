import type { HealthFinding } from '@paramo/protocol';

/** How far a check has come, or what it has found. */
export type CheckNews =
  | { readonly kind: 'progress'; readonly what: 'entries' | 'points' | 'studies' | 'blobs'; readonly done: number; /** 0: nobody knows. */ readonly total: number }
  | { readonly kind: 'finding'; readonly finding: HealthFinding };
