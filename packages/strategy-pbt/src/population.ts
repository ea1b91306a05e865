import type { CreatedEvent, EndedEvent, Objective, ReportedEvent, Step, TrialEvent, TrialId } from '@paramo/core';
import type { Member } from './member.js';

/** A place whose trials fail or are cancelled so many times in a row, none having got to a milestone, is given up. */
const mostBarren = 10;
/** How many values a member remembers: the paper compares the last 10. */
const remembered = 10;

/** The members as the log shows them. Trials without a member, such as enqueued ones, are left out. */
export interface Population {
  /** By number; those that have not been created are absent. */
  readonly members: ReadonlyMap<number, Member>;
  /** No further founder will be admitted. */
  readonly closed: boolean;
  /** How many trials have a worker that will soon be free, since they are to pause or to end. */
  freeing(): number;
  observe(event: TrialEvent): void;
}

/** An empty population, compared by `objective` at every multiple of `every`. */
export function createPopulation(objective: Objective, every: Step): Population {
  const members = new Map<number, Member>();
  const holders = new Map<TrialId, Member>();
  /** Trials that were replaced and still have their worker. */
  const leaving = new Set<TrialId>();
  let closed = false;

  const milestoneAt = (done: Step): Step => done - (done % every);

  function advance(member: Member): void {
    const { reported, saved } = member;
    if (saved) member.reached = Math.max(member.reached, Math.min(reported, milestoneAt(saved.done)));
  }

  function succeed({ trial, params, from, member: number }: CreatedEvent & { readonly member: number }): void {
    const before = members.get(number);
    const donor = from && holders.get(from.trial);
    const born = from?.done ?? 0;
    const milestone = milestoneAt(born);
    const member: Member = {
      number, trial, params, status: 'waiting', standing: undefined, heldBy: undefined, started: false, born,
      // Its weights are the donor's: so is its performance, until it has one of its own (Jaderberg et al., algorithm 1: eval after explore).
      value: donor?.value, recent: donor?.recent ?? [],
      saved: undefined, reported: milestone, reached: milestone, judged: milestone, verdict: undefined,
      generation: (before?.generation ?? 0) + 1, barren: before?.barren ?? 0,
    };
    if (before) holders.delete(before.trial);
    if (before?.status === 'running') leaving.add(before.trial);
    members.set(number, member);
    holders.set(trial, member);
  }

  function report(member: Member, { milestone, values }: ReportedEvent): void {
    // The first report of a child may count for a milestone that lies before its birth.
    if (milestone <= member.reported) return;
    const value = values[objective.metric];
    member.reported = milestone;
    advance(member);
    member.value = value !== undefined && Number.isFinite(value) ? value : NaN;
    if (!Number.isNaN(member.value)) member.recent = [...member.recent, member.value].slice(-remembered);
    member.barren = 0;
  }

  function end(member: Member, { state }: EndedEvent): void {
    if (member.standing === 'replace') {
      member.status = 'leaving';
    } else if (state === 'failed' || state === 'cancelled') {
      if (member.started) member.barren++;
      member.status = member.barren < mostBarren ? 'vacant' : 'finished';
    } else {
      // Stopped by a user or another plugin: this lineage was judged not to be worth more steps.
      member.status = 'finished';
    }
  }

  function follow(member: Member, event: TrialEvent): void {
    switch (event.kind) {
      case 'started':
        member.status = 'running';
        member.started = true;
        return;
      case 'reported':
        report(member, event);
        return;
      case 'checkpointed':
        member.saved = { checkpoint: event.checkpoint, done: event.done };
        advance(member);
        return;
      case 'decided':
        member.standing = event.action;
        member.heldBy = event.action === 'pause' ? event.by : undefined;
        member.verdict = undefined;
        return;
      case 'yielded':
        member.status = event.to;
        member.standing = undefined;
        if (event.to === 'waiting') member.heldBy = undefined;
        return;
      case 'resumed':
        member.status = 'waiting';
        member.standing = undefined;
        member.heldBy = undefined;
        return;
      case 'ended':
        member.verdict = undefined;
        end(member, event);
        return;
      default:
    }
  }

  return {
    members,
    get closed() {
      return closed;
    },
    freeing: () => {
      let count = leaving.size;
      for (const { status, standing } of members.values()) if (status === 'running' && standing !== undefined) count++;
      return count;
    },
    observe: (event) => {
      if (event.kind === 'closed' || event.kind === 'opened') {
        closed = event.kind === 'closed';
      } else if (event.kind === 'created') {
        if (event.own && event.member !== undefined) succeed({ ...event, member: event.member });
      } else {
        const member = holders.get(event.trial);
        if (member) follow(member, event);
        if (event.kind === 'ended') leaving.delete(event.trial);
      }
    },
  };
}
