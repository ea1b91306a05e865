import { createSpace, isSystemMetric, ParamoError, type Budget, type StudyPlan, type StudyRules, type StudySpec } from '@paramo/core';

const leaseRangeMs = [1000, 86_400_000] as const;

/** @throws ParamoError when a study cannot be kept as described: what, why, what to change. */
export function checkSpec(spec: StudySpec): void {
  if (spec.name.trim() === '') throw invalid(`the study's name is ${JSON.stringify(spec.name)}`, 'Give it one that can be read.');
  checkPlan(spec);
  checkBudget(spec.budget);
  checkRules(spec.rules, spec);
}

/** @throws ParamoError for a plan that cannot be run. */
export function checkPlan(plan: StudyPlan): void {
  if (plan.strategy) {
    if (!plan.space) throw invalid('a tuned study has no space', 'Give the space to search, or no strategy to only track runs.');
    if (plan.space.parameters.length === 0) throw invalid('the space has no parameters', 'Give it at least one, such as lr: float(1e-5, 1e-1, { log: true }).');
    if (plan.objectives.length === 0) throw invalid('a tuned study has no objective', "Give one such as 'min val_loss'.");
  } else if (plan.stopper) {
    throw invalid('a study without a strategy has a stopper', 'Name a strategy too, or leave the stopper out.');
  }
  const system = plan.objectives.find(({ metric }) => isSystemMetric(metric));
  if (system) throw invalid(`the objective ${system.metric} tells of the machine and not of the training`, 'Names that begin with system/ are kept for that: choose another metric.');
  if (plan.space) createSpace(plan.space);
  if (plan.strictOrder !== undefined) throw notYet('strict order');
  if (plan.phases !== undefined && plan.phases.length > 0) throw notYet('a plan of several phases');
}

/** @throws ParamoError for a budget that could not be held. */
export function checkBudget({ trials, steps, wallMs, cost, costPerTrial }: Budget): void {
  if (steps !== undefined) throw notYet('a budget of steps');
  if (cost !== undefined || costPerTrial !== undefined) throw notYet('a budget of cost');
  if (trials !== undefined && trials < 1) throw invalid(`budget.trials is ${trials}`, 'Allow at least 1 trial, or leave it out for no limit.');
  if (wallMs !== undefined && wallMs < 1) throw invalid(`budget.wall_ms is ${wallMs}`, 'Allow at least 1 ms, or leave it out for no limit.');
}

/** @throws ParamoError for rules out of range. */
export function checkRules(rules: StudyRules, plan: StudyPlan): void {
  const [least, most] = leaseRangeMs;
  if (rules.leaseMs < least || rules.leaseMs > most) throw invalid(`rules.lease_ms is ${rules.leaseMs}`, `Give ${least} to ${most}.`);
  if (rules.maxFailures < 1) throw invalid(`rules.max_failures is ${rules.maxFailures}`, 'Give at least 1.');
  if (rules.keepCheckpoints < 1) throw invalid(`rules.keep_checkpoints is ${rules.keepCheckpoints}`, 'Give at least 1: a trial goes on from its newest one.');
  if (rules.target !== undefined && plan.objectives.length !== 1) throw invalid('a target needs exactly one objective', 'Leave the target out, or name one objective.');
}

function invalid(message: string, hint: string): ParamoError {
  return new ParamoError({ code: 'INVALID_ARGUMENT', message, hint });
}

function notYet(what: string): ParamoError {
  return new ParamoError({ code: 'NOT_SUPPORTED', message: `this daemon does not keep ${what} yet`, hint: 'Leave it out; budgets of trials and of wall time are kept.' });
}
