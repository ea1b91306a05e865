import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** A file that breaks a rule of the house, and where. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly problem: string;
}

// Split, so that this file does not contain what it looks for.
const registries = ['registry' + '\\.npm', 'registry' + '\\.yarn', 'py' + 'pi\\.org', 'files\\.python' + 'hosted'];
const homes = ['home', 'Users', 'root', 'work', 'workspace'];

const inText: readonly { readonly pattern: RegExp; readonly problem: string }[] = [
  { pattern: new RegExp(registries.join('|')), problem: 'names the address of a package registry' },
  { pattern: new RegExp(`(?<![\\w.~$}@/-])/(?:${homes.join('|')})/`), problem: 'names an absolute path of one machine' },
  { pattern: new RegExp(`\\b(?:${['TO' + 'DO', 'FIX' + 'ME'].join('|')})\\b`), problem: 'leaves work to do in a comment' },
  { pattern: new RegExp('\\b(?:it|test|describe)\\.' + '(?:skip|only|todo)\\b'), problem: 'leaves a test out' },
];

const roomsWithoutName = new Set(['common', 'helpers', 'shared', 'types', 'util', 'utils']);
/** Modules are named in Python's own way: snake_case, a leading underscore for what is not for users. */
const pythonModule = /^_{0,2}[a-z0-9]+(?:_[a-z0-9]+)*(?:__)?\.pyi?$/;
const kebabCase = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)*$/;

/** Looks through every file below `root` that git tracks or would track, and names what breaks the rules of the house. */
export function houseRules(root: string): readonly Finding[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' });
  const files = [...new Set(listed.split('\0'))].filter((file) => file !== '' && isFile(join(root, file)));
  return files.flatMap((file) => [...nameFindings(file), ...textFindings(file, readFileSync(join(root, file), 'utf8'))]);
}

function nameFindings(file: string): readonly Finding[] {
  if (!/^(?:packages|apps|tools)\/[^/]+\/src\//.test(file) || file.includes('/src/gen/')) return [];
  const findings: Finding[] = [];
  if (/\.pyi?$/.test(file)) {
    if (!pythonModule.test(basename(file))) findings.push({ file, line: 1, problem: 'is not named in snake_case' });
  } else if (!kebabCase.test(basename(file))) findings.push({ file, line: 1, problem: 'is not named in kebab-case' });
  const room = dirname(file).split('/').find((folder) => roomsWithoutName.has(folder));
  if (room !== undefined) findings.push({ file, line: 1, problem: `lies in a folder '${room}': name the concept instead` });
  return findings;
}

function textFindings(file: string, text: string): readonly Finding[] {
  if (text.includes('\0') || basename(file) === 'LICENSE') return [];
  const findings: Finding[] = [];
  text.split('\n').forEach((content, index) => {
    const found = (problem: string) => findings.push({ file, line: index + 1, problem });
    for (const { pattern, problem } of inText) if (pattern.test(content)) found(problem);
    if (basename(file) === 'package-lock.json' && /"resolved": "(?:https?|git)/.test(content)) found('holds the address of a package');
  });
  return findings;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
