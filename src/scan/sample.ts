/** Values that only stand for a secret: placeholders, examples, references to where the secret really is. */

/** Whole values that nobody means, in lower case. */
const words: ReadonlySet<string> = new Set([
  'admin',
  'bar',
  'changeit',
  'changeme',
  'change_me',
  'change-me',
  'db_password',
  'dbpass',
  'dbpassword',
  'demo',
  'dev',
  'development',
  'dummy',
  'empty',
  'example',
  'fake',
  'foo',
  'foobar',
  'guest',
  'hidden',
  'hunter2',
  'local',
  'localhost',
  'mongo',
  'mongodb',
  'mypassword',
  'mypass',
  'mysecretpassword',
  'mysql',
  'none',
  'null',
  'pass',
  'passwd',
  'password',
  'password123',
  'pgpass',
  'placeholder',
  'postgres',
  'postgresql',
  'pw',
  'pwd',
  'rabbitmq',
  'redacted',
  'redis',
  'root',
  'sample',
  'secret',
  'secretpassword',
  'some_password',
  'supersecret',
  'test',
  'testing',
  'testpass',
  'testpassword',
  'token',
  'undefined',
  'user',
  'username',
  'userpassword',
  'your_password',
  'yourpassword',
  'p4ssw0rd',
  'passw0rd',
  'p@ssw0rd',
  'password1',
  'secret123',
  'test123',
  'admin123',
  'abc123',
  'qwerty',
  'pa55w0rd',
])
/** A template stands for the whole value, or opens it: a password may have any of these signs in it. */
const template =
  /^[<{]|^\[.*\]$|^\(.*\)$|^%.*%$|^%[({]|^(?:\$[A-Za-z_]\w*[-_.:/]?)+$|\$[{(]|\{\{|^#\{/
const placeholder =
  /\*{3}|\.{3}|…|^x+$|x{5,}|your[-_ .]|[-_ .]here$|example|placeholder|change.?me|redacted|dummy|insert[-_]|replace[-_]|sample|not[-_]?(?:a[-_])?real|fake/i
const runs = /^(.)\1*$|(.)\2{7,}|0123456789|1234567890|abcdefghij|12345678-?1234|deadbeef/i

/** It stands for a secret and is none: `changeme`, `<token>`, `${TOKEN}`, `xxxx`. */
export function isSample(text: string): boolean {
  return (
    words.has(text.toLowerCase()) ||
    template.test(text) ||
    placeholder.test(text) ||
    runs.test(text)
  )
}

/** Bits per character by Shannon: of random letters and digits about 4 in twenty characters, of words about 3. */
export function entropy(text: string): number {
  const counts = new Map<string, number>()
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values())
    bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}

/** Too even to have been drawn by chance: few different characters for its length. */
export const isDull = (text: string): boolean =>
  text.length >= 16 && entropy(text) < Math.min(2.6, Math.log2(text.length) * 0.6)

/** It looks drawn by chance, with so many bits a character: no word, path, address or name of another variable. */
export function isRandom(text: string, bits: number): boolean {
  if (!/\d/.test(text) || !/[A-Za-z]/.test(text) || entropy(text) < bits) return false
  if (/^(?:https?:|\.{0,2}\/|arn:|projects\/|[\w.-]+@[\w.-]+$)/.test(text)) return false
  return !/^[a-z]+(?:[-_.][a-z]+)*[-_.]?\d{0,4}$/i.test(text)
}
