/** Points of the unit cube by number, from 0. Pure: the same number gives the same point, in any order. */
export type PointSequence = (index: number) => Float64Array;
