/**
 * What a run was: the program and the machine it ran on, as the JSON document that its trial keeps as the artifact `descriptionName`, one an
 * attempt. What cannot be found out is absent. Secrets in it are replaced, see `redact.ts`.
 */
export interface RunDescription {
  /** Version of this document. */
  readonly format: 1;
  /** The command line, the program first. */
  readonly command: readonly string[];
  /** The working directory. */
  readonly directory: string;
  /** What runs the program; absent: a program of which nothing is known. */
  readonly runtime?: { readonly name: 'node' | 'python'; readonly version: string };
  readonly host: HostDescription;
  readonly git?: GitDescription;
  readonly packages: PackagesDescription;
  /** Environment variables that change how a training runs, by name; those of other kinds are never kept. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The machine of a run. */
export interface HostDescription {
  readonly name: string;
  /** Such as `linux 6.1.0 x64`. */
  readonly platform: string;
  /** Model of its processors, or empty. */
  readonly cpu: string;
  /** Cores that the process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
  /** As `nvidia-smi` names them; empty where there is none. */
  readonly gpus: readonly GpuDescription[];
}

/** One GPU of a host. */
export interface GpuDescription {
  /** Its number on the host. */
  readonly index: number;
  readonly model: string;
  readonly memoryBytes: number;
  /** Version of its driver. */
  readonly driver: string;
}

/** The state of the repository that the working directory lies in. */
export interface GitDescription {
  /** Hash of the commit that is checked out. */
  readonly commit: string;
  /** Absent: no branch is checked out. */
  readonly branch?: string;
  /** Address of the remote `origin`. */
  readonly remote?: string;
  /** Whether files that git knows differ from the commit. */
  readonly dirty: boolean;
  /** How they differ, kept as the artifact `changesName`. */
  readonly changes?: {
    /** SHA-256 of the artifact, in lower-case hex. */
    readonly sha256: string;
    /** Bytes of the artifact. */
    readonly bytes: number;
    /** Whether it was longer and has been cut. */
    readonly cut: boolean;
  };
}

/** What is installed. */
export interface PackagesDescription {
  /** The nearest lock file, from the working directory upward. */
  readonly lockFile?: { readonly name: string; readonly sha256: string };
  /** Installed versions by name: the direct dependencies of a Node program, all distributions of a Python one. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Name of the artifact that holds a description. */
export const descriptionName = 'paramo.run.json';
/** Name of the artifact that holds what was changed since the commit, as `git diff` writes it. */
export const changesName = 'paramo.changes.diff';
