import type { YieldReason } from '@paramo/core';
import { enumMapping } from './enum-mapping.js';
import type { EnumMapping } from './enum-mapping.js';
import { YieldReason as YieldReasonMessage } from './gen/paramo/v1/event.js';

/** Why running trials give their workers back, by their enum. */
export const yieldReasons: EnumMapping<YieldReason, YieldReasonMessage> = enumMapping({
  paused: YieldReasonMessage.YIELD_REASON_PAUSED,
  released: YieldReasonMessage.YIELD_REASON_RELEASED,
  lost: YieldReasonMessage.YIELD_REASON_LOST,
  failed: YieldReasonMessage.YIELD_REASON_FAILED,
});
