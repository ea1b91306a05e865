import { statfsSync } from 'node:fs';

// statfs(2) f_type, as in linux/magic.h and the sources of the file systems that live outside the kernel.
const networkTypes: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x01021997, '9P'],
  [0x65735546, 'FUSE'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x73757245, 'Coda'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x19830326, 'BeeGFS'],
]);

/** Answers the type number of the file system that holds a path. */
export type StatFileSystem = (path: string) => { readonly type: number };

/**
 * The name of the network file system that holds `path`; undefined: it is a local one. By Linux's numbers; FUSE counts as
 * network, since most of what is mounted with it is. Elsewhere than on Linux nothing is recognised.
 */
export function networkFileSystem(path: string, statfs: StatFileSystem = statfsSync): string | undefined {
  // Some kernels give the number with a sign.
  return networkTypes.get(statfs(path).type >>> 0);
}
