import { defaultRules } from '@paramo/core';
import type { Budget, EndReason, Objective, StudyPhase, StudyPlan, StudyRules, StudySpec, StudyState } from '@paramo/core';
import { checkedName, countFromMessage, countToMessage, finite, invalidField, required, uint32ToMessage } from './check-field.js';
import { enumMapping } from './enum-mapping.js';
import type { EnumMapping } from './enum-mapping.js';
import { EndReason as EndReasonMessage, Goal, StudyState as StudyStateMessage } from './gen/paramo/v1/study.js';
import type {
  Budget as BudgetMessage,
  Objective as ObjectiveMessage,
  Phase as PhaseMessage,
  StudyPlan as StudyPlanMessage,
  StudyRules as StudyRulesMessage,
  StudySpec as StudySpecMessage,
} from './gen/paramo/v1/study.js';
import { jsonObjectFromMessage, jsonObjectToMessage } from './json-field.js';
import {
  fidelityFromMessage, fidelityToMessage, labelsFromMessage, labelsToMessage, pluginReferenceFromMessage, pluginReferenceToMessage,
} from './params-mapping.js';
import { optional, record } from './record-fields.js';
import { spaceFromMessage, spaceToMessage } from './space-mapping.js';

const goals: EnumMapping<Objective['goal'], Goal> = enumMapping({ min: Goal.GOAL_MIN, max: Goal.GOAL_MAX });
const leastLeaseMs = 1000;
const mostLeaseMs = 86_400_000;

/** The states of a study by their enum. */
export const studyStates: EnumMapping<StudyState, StudyStateMessage> = enumMapping({
  open: StudyStateMessage.STUDY_STATE_OPEN,
  paused: StudyStateMessage.STUDY_STATE_PAUSED,
  ended: StudyStateMessage.STUDY_STATE_ENDED,
});

/** Why studies end, by their enum. */
export const endReasons: EnumMapping<EndReason, EndReasonMessage> = enumMapping({
  done: EndReasonMessage.END_REASON_DONE,
  budget: EndReasonMessage.END_REASON_BUDGET,
  target: EndReasonMessage.END_REASON_TARGET,
  'no improvement': EndReasonMessage.END_REASON_NO_IMPROVEMENT,
  failures: EndReasonMessage.END_REASON_FAILURES,
  user: EndReasonMessage.END_REASON_USER,
});

/** What fills the gaps of a study that a request describes. */
export interface StudySpecDefaults {
  /** Draws the seed of a study that names none. */
  seed(): number;
}

/** A study's spec as a message. */
export function studySpecToMessage(spec: StudySpec): StudySpecMessage {
  return {
    name: spec.name,
    plan: studyPlanToMessage(spec),
    budget: budgetToMessage(spec.budget),
    rules: studyRulesToMessage(spec.rules),
    seed: countToMessage(spec.seed, 'seed'),
    labels: labelsToMessage(spec.labels),
    attributesJson: jsonObjectToMessage(spec.attributes),
  };
}

/**
 * A study's spec; what a request leaves out gets its default, the seed from `defaults`.
 * @throws ParamoError INVALID_ARGUMENT naming the field.
 */
export function studySpecFromMessage(message: StudySpecMessage, defaults: StudySpecDefaults, path = 'spec'): StudySpec {
  return {
    name: checkedName(message.name, `${path}.name`),
    ...(message.plan ? studyPlanFromMessage(message.plan, `${path}.plan`) : { objectives: [] }),
    budget: message.budget ? budgetFromMessage(message.budget, `${path}.budget`) : {},
    rules: message.rules ? studyRulesFromMessage(message.rules, `${path}.rules`) : defaultRules,
    seed: message.seed === undefined ? defaults.seed() : countFromMessage(message.seed, `${path}.seed`),
    labels: labelsFromMessage(message.labels, `${path}.labels`),
    attributes: jsonObjectFromMessage(message.attributesJson, `${path}.attributes_json`),
  };
}

/** A study's plan as a message; takes the plan out of a whole spec too. */
export function studyPlanToMessage(plan: StudyPlan): StudyPlanMessage {
  return {
    space: optional(plan.space, spaceToMessage),
    objectives: plan.objectives.map(objectiveToMessage),
    strategy: optional(plan.strategy, pluginReferenceToMessage),
    stopper: optional(plan.stopper, pluginReferenceToMessage),
    steps: optional(plan.steps, (steps) => countToMessage(steps, 'steps')),
    strictOrder: optional(plan.strictOrder, (width) => uint32ToMessage(width, 'strict_order')),
    phases: (plan.phases ?? []).map(phaseToMessage),
  };
}

/** A study's plan. @throws ParamoError INVALID_ARGUMENT naming the field. */
export function studyPlanFromMessage(message: StudyPlanMessage, path = 'plan'): StudyPlan {
  if (message.strictOrder === 0) throw invalidField(`${path}.strict_order`, 'is 0, but must be 1 at least', 'Leave it out to use results as they come.');
  return record<StudyPlan>({
    space: optional(message.space, (space) => spaceFromMessage(space, `${path}.space`)),
    objectives: message.objectives.map((objective, i) => objectiveFromMessage(objective, `${path}.objectives[${i}]`)),
    strategy: optional(message.strategy, (plugin) => pluginReferenceFromMessage(plugin, `${path}.strategy`)),
    stopper: optional(message.stopper, (plugin) => pluginReferenceFromMessage(plugin, `${path}.stopper`)),
    steps: optional(message.steps, (steps) => countFromMessage(steps, `${path}.steps`, 1)),
    strictOrder: message.strictOrder,
    phases: message.phases.length === 0 ? undefined : message.phases.map((phase, i) => phaseFromMessage(phase, `${path}.phases[${i}]`)),
  });
}

/** A budget as a message. */
export function budgetToMessage({ trials, steps, wallMs, cost, costPerTrial }: Budget): BudgetMessage {
  return {
    trials: optional(trials, (value) => countToMessage(value, 'budget.trials')),
    steps: optional(steps, (value) => countToMessage(value, 'budget.steps')),
    wallMs: optional(wallMs, (value) => countToMessage(value, 'budget.wall_ms')),
    cost,
    costPerTrial,
  };
}

/** A budget. @throws ParamoError INVALID_ARGUMENT for limits that are NaN, infinite or below 0. */
export function budgetFromMessage(message: BudgetMessage, path = 'budget'): Budget {
  const count = (field: string) => (value: bigint) => countFromMessage(value, `${path}.${field}`);
  const amount = (field: string) => (value: number) => {
    if (value < 0) throw invalidField(`${path}.${field}`, `is ${value}, but must not be below 0`);
    return finite(value, `${path}.${field}`);
  };
  return record<Budget>({
    trials: optional(message.trials, count('trials')),
    steps: optional(message.steps, count('steps')),
    wallMs: optional(message.wallMs, count('wall_ms')),
    cost: optional(message.cost, amount('cost')),
    costPerTrial: optional(message.costPerTrial, amount('cost_per_trial')),
  });
}

/** A study's rules as a message. */
export function studyRulesToMessage({ target, maxFailures, retries, retryOnFailure, leaseMs, keepCheckpoints }: StudyRules): StudyRulesMessage {
  return {
    target,
    maxFailures: uint32ToMessage(maxFailures, 'rules.max_failures'),
    retries: uint32ToMessage(retries, 'rules.retries'),
    retryOnFailure,
    leaseMs: uint32ToMessage(leaseMs, 'rules.lease_ms'),
    keepCheckpoints: uint32ToMessage(keepCheckpoints, 'rules.keep_checkpoints'),
  };
}

/** A study's rules, with defaults for what is absent. @throws ParamoError INVALID_ARGUMENT naming the field. */
export function studyRulesFromMessage(message: StudyRulesMessage, path = 'rules'): StudyRules {
  const given = record<Partial<StudyRules>>({ maxFailures: message.maxFailures, retries: message.retries, leaseMs: message.leaseMs, keepCheckpoints: message.keepCheckpoints });
  const { maxFailures, retries, leaseMs, keepCheckpoints } = { ...defaultRules, ...given };
  if (leaseMs < leastLeaseMs || leaseMs > mostLeaseMs) throw invalidField(`${path}.lease_ms`, `is ${leaseMs}, but must lie in ${leastLeaseMs} … ${mostLeaseMs}`);
  if (maxFailures === 0) throw invalidField(`${path}.max_failures`, 'is 0, but must be 1 at least');
  if (keepCheckpoints === 0) throw invalidField(`${path}.keep_checkpoints`, 'is 0, but must be 1 at least: a trial goes on from its newest one');
  return record<StudyRules>({ target: optional(message.target, (target) => finite(target, `${path}.target`)), maxFailures, retries, retryOnFailure: message.retryOnFailure, leaseMs, keepCheckpoints });
}

function objectiveToMessage({ metric, goal, at }: Objective): ObjectiveMessage {
  const which: ObjectiveMessage['at'] = at === 'last' ? undefined : at === 'best' ? { $case: 'best', value: true } : { $case: 'step', value: countToMessage(at.step, 'at.step') };
  return { metric, goal: goals.toMessage(goal), at: which };
}

function objectiveFromMessage({ metric, goal, at }: ObjectiveMessage, path: string): Objective {
  const which = at?.$case === 'step' ? { step: countFromMessage(at.value, `${path}.step`) } : at?.value ? 'best' : 'last';
  return { metric: checkedName(metric, `${path}.metric`), goal: goals.fromMessage(goal, `${path}.goal`), at: which };
}

function phaseToMessage({ name, budget, fidelity, settings }: StudyPhase): PhaseMessage {
  return { name, budget: budgetToMessage(budget), fidelity: optional(fidelity, fidelityToMessage), settingsJson: jsonObjectToMessage(settings) };
}

function phaseFromMessage(message: PhaseMessage, path: string): StudyPhase {
  return record<StudyPhase>({
    name: checkedName(message.name, `${path}.name`),
    budget: budgetFromMessage(required(message.budget, `${path}.budget`), `${path}.budget`),
    fidelity: optional(message.fidelity, (fidelity) => fidelityFromMessage(fidelity, `${path}.fidelity`)),
    settings: jsonObjectFromMessage(message.settingsJson, `${path}.settings_json`),
  });
}
