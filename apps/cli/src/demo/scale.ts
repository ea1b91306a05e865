/** How much data and training each part of the demo takes. */
export interface Scale {
  /** Images every trial of the search is trained on. */
  readonly searchImages: number;
  /** Images the search is judged by; none of them is ever trained on. */
  readonly validationImages: number;
  /** Images the last comparison trains on. */
  readonly finalImages: number;
  /** Images the last comparison is judged by; the search never sees them. */
  readonly testImages: number;
  /** Passes over the data, in the search and in the last comparison. */
  readonly epochs: number;
  /** After so many of them trials are compared for the first time; a population compares its members each time. */
  readonly every: number;
  /** Trials of the search unless the user says how many. */
  readonly trials: number;
  /** Members of a population unless the user says how many, and the passes over the data of each. */
  readonly population: number;
  readonly populationEpochs: number;
}

/** About a minute on two cores. */
export const fullScale: Scale = { searchImages: 1500, validationImages: 1000, finalImages: 5000, testImages: 2000, epochs: 8, every: 2, trials: 20, population: 8, populationEpochs: 12 };

/** A few seconds: shows that everything works, not that tuning pays. */
export const quickScale: Scale = { searchImages: 200, validationImages: 200, finalImages: 400, testImages: 300, epochs: 3, every: 1, trials: 6, population: 4, populationEpochs: 4 };
