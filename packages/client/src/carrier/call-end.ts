import { TrialServiceService } from '@paramo/protocol';
import type { AskRequest, AskResponse, Batch, Trial as TrialMessage } from '@paramo/protocol';
import type { Link, LinkCallOptions } from '../link.js';
import type { AttemptEnd } from '../spool/attempt-end.js';

/** What the daemon says to an attempt's end. */
export interface EndAnswer {
  readonly trial: TrialMessage | undefined;
  /** The answer to the ask that went along. */
  readonly next: AskResponse | undefined;
}

/** What goes along with an end. */
export interface EndCompany {
  readonly batches: Batch[];
  readonly askNext: AskRequest | undefined;
}

/** Tells the daemon how an attempt ended. */
export function callEnd(link: Link, end: AttemptEnd, company: EndCompany, options: LinkCallOptions): Promise<EndAnswer> {
  switch (end.$case) {
    case 'complete':
      return link.unary(TrialServiceService.complete, { ...end.value, ...company }, options);
    case 'fail':
      return link.unary(TrialServiceService.fail, { ...end.value, ...company }, options);
    case 'release':
      return link.unary(TrialServiceService.release, { ...end.value, ...company }, options);
  }
}
