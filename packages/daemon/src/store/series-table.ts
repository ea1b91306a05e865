import type { TrialId } from '@paramo/core';
import { checksumBytes, withChecksum, withoutChecksum } from './checksum.js';
import { decodeKey, encodeKey, prefixRange } from './key.js';
import { tables } from './layout.js';
import { addPoints, noPoints } from './points.js';
import type { Points } from './points.js';
import { packPoints, unpackPoints } from './series-chunk.js';
import type { Store, Write } from './store.js';
