/** The value of one hyperparameter. */
export type ParamValue = number | string | boolean | null;

/** One configuration: the values of the active parameters by name. Never changes once a trial has it. */
export type Params = Readonly<Record<string, ParamValue>>;
