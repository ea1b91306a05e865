// Writes src/gen from the .proto files (no argument), or copies these into the package (`protos`, before packing).
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packageFolder = dirname(fileURLToPath(import.meta.url));
const root = join(packageFolder, '../..');
const generated = join(packageFolder, 'src/gen');

/** Runs buf in the repository's root and answers what it wrote to stdout. */
function buf(...args) {
  const path = `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH}`;
  return execFileSync('buf', args, { cwd: root, env: { ...process.env, PATH: path }, stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 2 ** 26 });
}

/**
 * Two corrections of ts-proto's output: proto3 writes a negative zero, where ts-proto leaves it out as if it were the
 * default; and the store of unknown fields is made when there is one, so that a message without any equals its literal.
 */
function corrected(code) {
  return code
    .replace(/if \((message\.\w+) !== 0\) \{(\s+writer\.uint32\(\d+\)\.double\()/g, 'if (!globalThis.Object.is($1, 0)) {$2')
    .replace(/,?\s*_unknownFields: \{\},?(\s*\})/g, '$1')
    .replace(/const list = message\._unknownFields!\[tag\];/g, 'const list = (message._unknownFields ??= {})[tag];');
}

if (process.argv[2] === 'protos') {
  rmSync(join(packageFolder, 'proto'), { recursive: true, force: true });
  cpSync(join(root, 'proto/paramo'), join(packageFolder, 'proto/paramo'), { recursive: true });
} else {
  buf('generate', 'proto', '--template', 'proto/buf.gen.yaml');
  const folder = join(generated, 'paramo/v1');
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    writeFileSync(file, corrected(readFileSync(file, 'utf8')));
  }
  const descriptors = buf('build', 'proto', '--exclude-source-info', '--as-file-descriptor-set', '-o', '-').toString('base64');
  const lines = descriptors.match(/.{1,116}/g).map((line) => `  "${line}"`);
  writeFileSync(
    join(generated, 'file-descriptor-set.ts'),
    `// Generated from the .proto files. DO NOT EDIT.\n\n/* eslint-disable */\n/** The serialized google.protobuf.FileDescriptorSet of all .proto files, in base64. */\nexport const fileDescriptorSetBase64: string =\n${lines.join(' +\n')};\n`,
  );
}
