import { ParamoError } from '@paramo/core';
import { bindService, countFromMessage, OutputServiceService, OutputStream } from '@paramo/protocol';
import type { OutputChunk, ReadOutputResponse, ServiceBinding, ServiceHandlers } from '@paramo/protocol';
import { defaultOutputLimits } from '../limits.js';
import type { Outputs } from '../output/outputs.js';
import type { OutputPart } from '../output/read-output.js';
import { attemptFromMessage } from './assignment.js';

const { chunkBytes } = defaultOutputLimits;

/** OutputService over the outputs of a store. */
export function outputService(outputs: Outputs): ServiceBinding {
  const handlers: ServiceHandlers<typeof OutputServiceService> = {
    async appendOutput({ attempt, chunks }) {
      return { end: BigInt(await outputs.append(attemptFromMessage(attempt), chunks.map(partFromMessage))) };
    },
    async *readOutput({ studyId, trial, attempt, fromOffset, stream, follow }, { signal }): AsyncIterable<ReadOutputResponse> {
      const query = { studyId, trial: countFromMessage(trial, 'trial'), attempt, fromOffset: countFromMessage(fromOffset, 'from_offset'), stream, follow };
      for await (const part of outputs.read(query, signal)) {
        const { offset, leftOut, timeMs, content } = part;
        yield { chunk: { stream: part.stream, offset: BigInt(offset), leftOut: BigInt(leftOut), timeMs: BigInt(timeMs), content: Buffer.from(content) } };
      }
    },
  };
  return bindService(OutputServiceService, handlers);
}

function partFromMessage({ stream, offset, leftOut, timeMs, content }: OutputChunk): OutputPart {
  if (stream !== OutputStream.OUTPUT_STREAM_STDOUT && stream !== OutputStream.OUTPUT_STREAM_STDERR) throw invalid(`chunk.stream is ${stream}`, 'Say whether it is stdout or stderr.');
  if (content.length === 0 || content.length > chunkBytes) throw invalid(`a chunk holds ${content.length} bytes`, `Send 1 to ${chunkBytes} in each.`);
  const part = { stream, offset: countFromMessage(offset, 'chunk.offset'), leftOut: countFromMessage(leftOut, 'chunk.left_out'), timeMs: countFromMessage(timeMs, 'chunk.time_ms'), content };
  if (part.leftOut > part.offset) throw invalid(`chunk.left_out is ${part.leftOut} at offset ${part.offset}`, 'The offset counts what is left out too.');
  return part;
}

function invalid(message: string, hint: string): ParamoError {
  return new ParamoError({ code: 'INVALID_ARGUMENT', message, hint });
}
