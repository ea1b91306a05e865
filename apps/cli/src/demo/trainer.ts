import type { Connection, SingleStudy } from '@paramo/client';
import type { Params } from '@paramo/core';
import type { DemoOptions } from './options.js';
import type { Progress } from './progress.js';

/** Which configuration a run of the last comparison trains. */
export type Role = 'default' | 'best';

/** Accuracy on digits that neither the training nor the search has seen. */
export type Comparison = Readonly<Record<Role, number>>;

/** What the comparison shows while it works. */
export type FinalProgress = (role: Role, epoch: number, accuracy: number) => void;

/** The study of the search. */
export type SearchStudy = SingleStudy<Params, 'max val_acc'>;

/** What trains in the demo: networks of TensorFlow.js here, or of scikit-learn in a Python process. */
export interface Trainer {
  /** Gets everything ready, and says with what and on what it trains, such as `1500 digits, 8 epochs, TensorFlow.js on wasm`. */
  prepare(): Promise<string>;
  /** Opens the study: anew if `fresh`, else the one of its name, if there is one. */
  openStudy(fresh: boolean): Promise<SearchStudy>;
  /** Evaluates trials until the study ends. */
  search(progress: Progress): Promise<void>;
  /** Trains the default and the best configuration on more data, each a tracked run of the study `finalName`. */
  compare(study: string, best: Params, show: FinalProgress): Promise<Comparison>;
  /** The defaults of the space. */
  readonly defaults: Params;
  /** Digits the last comparison trains on, and is judged by. */
  readonly finalImages: number;
  readonly testImages: number;
  /** A configuration on one line. */
  describe(params: Params): string;
}

/** Makes a trainer. */
export type CreateTrainer = (connection: Connection, options: DemoOptions) => Trainer;
