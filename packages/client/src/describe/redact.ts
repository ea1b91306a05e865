/** What stands where a secret was. */
const redacted = '[redacted]';

/** What is in a name whose value is a secret. */
const secretName = /token(?!iz)|secret|passw(?:or)?d|passphrase|pwd|api[_-]?key|access[_-]?key|credential|auth(?!or(?!iz))|private/i;
/** `--max-tokens 512` counts; it is no secret. */
const countName = /tokens$/i;
const count = /^\d+$/;

/** An argument that is one assignment as a whole: `--api-key=X`, `API_KEY=X`, `Authorization: X`. */
const assignment = /^([\w.-]+)(=|:\s*)(.*)$/s;
const flag = /^-[\w.-]+$/;

const word = /[\w.-]+/g;
const value = String.raw`(\[redacted\]|"(?:[^"\\]|\\.)*"|'[^']*'|[^\s&;,"'})\]]+)`;
const assigned = new RegExp(String.raw`(["']?\s*[=:]\s*)${value}`, 'y');
const following = new RegExp(String.raw`(\s+)${value}`, 'y');
const bearer = /\b(bearer|basic)\s+[\w.~+/=-]+/gi;
const userInfo = /(?<![a-z0-9+.-])([a-z0-9+.-]+:\/\/)[^\s/@"']+@/gi;

/** A text without the secrets that it names: values that stand after names such as `api_key` or `--password`, and who logs in at a URL. */
export function redactText(text: string): string {
  const left = text.replace(bearer, `$1 ${redacted}`).replace(userInfo, `$1${redacted}@`);
  let kept = '';
  let end = 0;
  word.lastIndex = 0;
  for (let match = word.exec(left); match; match = word.exec(left)) {
    const [name] = match;
    if (!secretName.test(name)) continue;
    const found = after(left, word.lastIndex, assigned) ?? (name.startsWith('-') ? after(left, word.lastIndex, following) : undefined);
    if (!found || isCount(name, found[2]!)) continue;
    kept += left.slice(end, word.lastIndex) + found[1] + redacted;
    end = word.lastIndex + found[0].length;
    word.lastIndex = end;
  }
  return kept + left.slice(end);
}

/** A command line without its secrets: in `--api-key=X`, `--api-key X`, `API_KEY=X`, `Authorization: X`, and as `redactText` finds them. */
export function redactArguments(command: readonly string[]): readonly string[] {
  let expected: string | undefined;
  return command.map((argument) => {
    const name = expected;
    expected = undefined;
    // The next flag is not the value of the one before.
    if (name !== undefined && !argument.startsWith('--')) return isCount(name, argument) ? argument : redacted;
    if (flag.test(argument) && secretName.test(argument)) expected = argument;
    const [, left = '', between, right = ''] = assignment.exec(argument) ?? [];
    if (secretName.test(left)) return isCount(left, right) ? argument : `${left}${between}${redacted}`;
    return redactText(argument);
  });
}

/** The value of an environment variable without its secrets. */
export function redactVariable(name: string, text: string): string {
  return secretName.test(name) && !isCount(name, text) ? redacted : redactText(text);
}

function after(text: string, at: number, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function isCount(name: string, text: string): boolean {
  return countName.test(name) && count.test(text);
}
