/*
 * Every limit of a daemon, in one place; docs/OPERATIONS.md has the table for operators. What a message itself must be like
 * (names of 256 bytes, ids of 128, steps below 2^53, 1000 params) is checked where messages become records, in @paramo/protocol.
 */

/** What the server grants to callers. Sizes in bytes, times in milliseconds. */
export interface ServerLimits {
  /** The largest request message. */
  readonly maxMessageBytes: number;
  /** The largest response message. */
  readonly maxResponseBytes: number;
  /** Calls at one time on one connection; clients queue further ones. */
  readonly maxStreams: number;
  /** Calls at one time on all connections. From half of them on, a connection that has `fewCalls` gets no more. */
  readonly maxCalls: number;
  /** As many calls as a connection may always have, while there is room for any. */
  readonly fewCalls: number;
  /** Connections at one time, for the socket and for the loopback port each. One more takes the place of the one that has been idle longest, or is told to come later. */
  readonly maxConnections: number;
  /** How long a connection above the limit stays, so that its calls can be told. */
  readonly turnedAwayMs: number;
  /** What all connections together may have sent of messages that are not complete or not taken yet. */
  readonly maxUnreadBytes: number;
  /** How long a single request may take to arrive in full. */
  readonly requestMs: number;
  /** How long a stream of requests may take to begin: longer than the above, for people with interactive tools. */
  readonly firstMessageMs: number;
  /** How long a unary call may take, whatever deadline its caller gave. Streams have only their caller's deadline. */
  readonly unaryMs: number;
  /** How long a connection to the loopback port may stay without an authenticated call. */
  readonly unprovenMs: number;
  /** How long a connection may stay without a call. */
  readonly idleMs: number;
}

/**
 * The limits of a daemon. One message is 1 MiB at most (grpc-js by itself: 4 MiB, and any number of streams and half-sent
 * messages); responses get the 4 MiB that stock clients take. A unary call may wait 60 s for a trial and as long for a
 * plugin, so three minutes end only what hangs.
 */
export const defaultServerLimits: ServerLimits = {
  maxMessageBytes: 1024 * 1024,
  maxResponseBytes: 4 * 1024 * 1024,
  maxStreams: 256,
  maxCalls: 4096,
  fewCalls: 16,
  maxConnections: 512,
  turnedAwayMs: 2000,
  maxUnreadBytes: 256 * 1024 * 1024,
  requestMs: 10_000,
  firstMessageMs: 60_000,
  unaryMs: 180_000,
  unprovenMs: 10_000,
  idleMs: 30 * 60_000,
};

/** What callers that are told to come later should wait, in milliseconds. */
export const comeLaterMs = 1000;

/** What requests may hold. Sizes in bytes as the message is encoded; texts are JSON. */
export const contentLimits = {
  /** The params of a trial. */
  paramsBytes: 65_536,
  /** The attributes of a trial or study, and the options of a plugin. */
  jsonBytes: 65_536,
  /** Objects and lists within one another. */
  jsonDepth: 64,
  /** All labels of a study or a worker. */
  labelsBytes: 16_384,
  /** The space of a study. */
  spaceBytes: 262_144,
  /** Objectives of a study. */
  objectives: 64,
  /** A reason in words; a longer one is cut. */
  reasonBytes: 4096,
  /** The stack of an error; a longer one is cut. */
  stackBytes: 32_768,
  /** Series of one trial. */
  series: 10_000,
  /** Values that one request names, such as those a trial is completed with. */
  values: 1000,
} as const;

/** What one writer, that is one worker process, may send. */
export interface WriterLimits {
  /** Points a second in the long run. */
  readonly pointsPerSecond: number;
  /** Points above that at one time, such as those of a time without a daemon. */
  readonly burstPoints: number;
  /** The longest it is told to wait, in milliseconds. */
  readonly longestWaitMs: number;
  /** Messages of one stream that may be under way to disk; more wait in the network. */
  readonly messagesUnderWay: number;
  /** Points of one stream that may be under way to disk, and one message more. */
  readonly pointsUnderWay: number;
  /** Points of all streams that may be under way to disk. */
  readonly allPointsUnderWay: number;
}

/** A writer may send faster than a daemon on two cores takes points in, which is about a million a second: what bounds it then is `pointsUnderWay`. */
export const defaultWriterLimits: WriterLimits = {
  pointsPerSecond: 5_000_000,
  burstPoints: 20_000_000,
  longestWaitMs: 5000,
  messagesUnderWay: 64,
  pointsUnderWay: 50_000,
  allPointsUnderWay: 1_000_000,
};

/** What is kept of what programs write to stdout and stderr. Sizes in bytes. */
export interface OutputLimits {
  /** The largest chunk. */
  readonly chunkBytes: number;
  /** The output of an attempt, each chunk counted with `chunkCost`: past it the oldest ones go, but for the first of all. */
  readonly attemptBytes: number;
  /** How much of the beginning stays. */
  readonly headBytes: number;
  /** What a chunk takes beside its content. */
  readonly chunkCost: number;
}

/** The beginning says how the program was started, the end why it ended. */
export const defaultOutputLimits: OutputLimits = {
  chunkBytes: 65_536,
  attemptBytes: 64 * 1024 * 1024,
  headBytes: 1024 * 1024,
  chunkCost: 64,
};

/** What a response holds at most, but for one element that is larger by itself, in bytes; well below `maxResponseBytes`. */
export const pageBytes = 1024096;
