/** Letters that pass for others (UTS #39, §4 and §5.1): what a tired reader would take for a Latin letter, and is none. */

/** Scripts that have letters of the same shape. */
const twin =
  /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Coptic}\p{Script=Armenian}\p{Script=Georgian}\p{Script=Cherokee}\p{Script=Lisu}]/gu
const latin = /\p{Script=Latin}/u
/** Words of such letters alone, in which each has the shape of a Latin one. */
const disguised = /^[асԁеһіјӏорԛѕԝхуүАВЕНІЈКМОРЅТХΑΒΕΖΗΙΚΜΝΟΡΤΥΧοντρυ\d]+$/u
/** Latin letters that only phonetics needs, drawn like everyday ones. */
const phonetic = /[ɑɡɩʏɴʀʟ]/gu

/**
 * The text with `shown` in the place of each letter that looks like a Latin one: of another script in a word that has Latin ones too, or in a
 * word of such letters alone where the text has none that could not be mistaken; and those that are Latin ones in another form (full width, mathematical). A word that is really of another script stays.
 */
export function withoutLookalikes(text: string, shown: (character: string) => string): string {
  const isOther = (text.match(twin) ?? []).some((letter) => !disguised.test(letter))
  return text.replaceAll(/[\p{L}\p{M}\p{N}]+/gu, (word) => {
    if (/^[\dA-Za-z]+$/.test(word)) return word
    const isTwin = latin.test(word) || (!isOther && disguised.test(word))
    const told = word.replaceAll(/[\p{L}\p{Nd}]/gu, (letter) =>
      isForm(letter) ? shown(letter) : letter,
    )
    return isTwin ? told.replaceAll(twin, shown).replaceAll(phonetic, shown) : told
  })
}

/** Another form of an ASCII letter or digit; the ordinals of `1ª` and `1º` are letters of their own. */
function isForm(letter: string): boolean {
  return letter > '\u007f' && !/[ªº]/.test(letter) && /^[\dA-Za-z]+$/.test(letter.normalize('NFKC'))
}
