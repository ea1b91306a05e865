import type { Server } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { fileDescriptorSetBase64 } from '@paramo/protocol';
import type { ServiceBinding } from '@paramo/protocol';
import { HealthImplementation, service as healthService } from 'grpc-health-check';

/** What stock gRPC tools ask of a server. */
export interface Discovery {
  /** Says of every service that it serves no more. */
  retire(): void;
}

/**
 * Adds the standard services to a server: grpc.health.v1.Health, which answers for '' and for each service by its full
 * name, and grpc.reflection.v1 and v1alpha ServerReflection.
 */
export function addDiscovery(server: Server, bindings: readonly ServiceBinding[]): Discovery {
  const names = ['', ...bindings.map(serviceName)];
  const health = new HealthImplementation(Object.fromEntries(names.map((name) => [name, 'SERVING' as const])));
  health.addToServer(server);
  const healthFiles = healthService['Check']!.requestType;
  // Of a package definition reflection reads the file descriptors alone.
  const files = { ...healthFiles, fileDescriptorProtos: splitFiles(Buffer.from(fileDescriptorSetBase64, 'base64')) };
  new ReflectionService({ paramo: files, health: healthFiles }).addToServer(server);
  return {
    retire: () => {
      for (const name of names) health.setStatus(name, 'NOT_SERVING');
    },
  };
}

function serviceName({ definition }: ServiceBinding): string {
  return Object.values(definition)[0]?.path.split('/')[1] ?? '';
}

/** The messages of a serialized FileDescriptorSet, whose only field is the repeated message number 1. */
function splitFiles(set: Buffer): Buffer[] {
  const files: Buffer[] = [];
  let at = 0;
  while (at < set.length) {
    at++;
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = set[at++] ?? 0;
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    files.push(set.subarray(at, at + length));
    at += length;
  }
  return files;
}
