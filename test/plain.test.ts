/** What others wrote, on a person's screen: the daemon and the page show the same letters as their codes. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { visible } from '../console/say.ts'
import { plain } from '../src/base/plain.ts'

test.each<[string, string, string]>([
  ['a Cyrillic letter in a Latin word', 'shоp-data', 'sh\\u{43e}p-data'],
  ['a Greek one', 'prοduction', 'pr\\u{3bf}duction'],
  ['a word of such letters alone', 'сору', '\\u{441}\\u{43e}\\u{440}\\u{443}'],
  ['capitals of such letters alone', 'ТЕЅТ', '\\u{422}\\u{415}\\u{405}\\u{422}'],
  ['full width', 'ｓhop', '\\u{ff53}hop'],
  ['mathematical letters', '𝐬hop', '\\u{1d42c}hop'],
  ['a Latin letter that only phonetics needs', 'staɡing', 'sta\\u{261}ing'],
  ['a Cherokee one', 'Ꭰdmin', '\\u{13a0}dmin'],
  ['one of them behind an accent', 'cafе́', 'caf\\u{435}\u0301'],
  ['bidi and nothing to see', 'a\u202eb\u200bc', 'a\\u{202e}b\\u{200b}c'],
])('%s is shown as its code', (_, text, shown) => {
  expect(plain(text)).toBe(shown)
  expect(visible(text)).toBe(shown)
})

test.each([
  ['German', 'Größe der Bäume'],
  ['Polish', 'zażółć gęślą jaźń'],
  ['Turkish', 'ılık süt'],
  ['Vietnamese', 'Tiếng Việt'],
  ['Russian', 'данные магазина, с сервера у нас'],
  ['Greek', 'δεδομένα καταστήματος'],
  ['Japanese', 'Shopのデータ2号'],
  ['Chinese', '商店数据'],
  ['Korean', '상점 데이터'],
  ['Arabic', 'بيانات المتجر ٣'],
  ['Hindi', 'दुकान'],
  ['ordinals', '1ª e 2º'],
  ['a Latin word beside a Russian one', 'shop-данные'],
])('%s stays as it is written', (_, text) => {
  expect(plain(text)).toBe(text)
  expect(visible(text)).toBe(text)
})

test('the page and the daemon have the same letters', () => {
  const here = import.meta.dirname
  const code = (file: string): string =>
    readFileSync(join(here, file), 'utf8').split('\n').slice(1).join('\n')
  expect(code('../console/lookalike.ts')).toBe(code('../src/base/lookalike.ts'))
})

test('what is shown once is shown the same again, and ASCII as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const once = visible(text)
      expect(visible(once)).toBe(once)
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 60 }), (text) => {
      expect(visible(text)).toBe(text)
    }),
  )
})
