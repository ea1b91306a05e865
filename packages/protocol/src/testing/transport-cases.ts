import { requestStreamCases } from './request-stream-cases.js';
import { serverStreamCases } from './server-stream-cases.js';
import type { TransportCase } from './transport-case.js';
import { unaryCases } from './unary-cases.js';

/** What every transport must do, with toy handlers behind real service definitions. Give `run` what opens yours. */
export const transportCases: readonly TransportCase[] = [...unaryCases, ...serverStreamCases, ...requestStreamCases];
