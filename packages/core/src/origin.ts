/** Who made a trial, a decision or a resumption. */
export type Origin = 'strategy' | 'stopper' | 'user';
