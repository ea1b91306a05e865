import { fileDescriptorSetBase64 } from './gen/file-descriptor-set.js';
import * as protocol from './index.js';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { fromBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';

test('reflection describes every service that is generated, method by method', () => {
  const { file } = fromBinary(FileDescriptorSetSchema, Buffer.from(fileDescriptorSetBase64, 'base64'));
  const described = file.flatMap((each) => each.service.flatMap((service) => service.method.map((method) => `/${each.package}.${service.name}/${method.name}`)));
  const generated = Object.entries(protocol)
    .filter(([name]) => name.endsWith('ServiceService'))
    .flatMap(([, service]) => Object.values(service as Readonly<Record<string, { readonly path: string }>>).map(({ path }) => path));
  expect(generated.length).toBeGreaterThan(20);
  expect(described.sort()).toEqual(generated.sort());
});
