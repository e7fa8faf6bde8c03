import { expect, test } from 'vitest'
import { cell } from './table.ts'

test.each<[string, unknown, string]>([
  ['a cleared screen', 'a\u001b[2Jb', 'a\\u{1b}[2Jb'],
  ['the same in one character', 'a\u009b2Jb', 'a\\u{9b}2Jb'],
  ['a line that is written over', 'denied\rapproved', 'denied\\u{d}approved'],
  ['a turned direction', 'a\u202eb', 'a\\u{202e}b'],
  ['the lines of a text', 'one\ntwo', 'one\ntwo'],
  ['words in any script', 'naïve 数据库 🚗', 'naïve 数据库 🚗'],
  ['a list', ['a\u009bb'], '["a\\u{9b}b"]'],
  ['nothing', null, '-'],
])('what a terminal is given, %s', (_, value, shown) => expect(cell(value)).toBe(shown))
