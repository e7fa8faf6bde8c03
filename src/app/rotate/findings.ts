/** What the doctor says of a credential that was exposed or replaced, after one read with it. */
import { objectOf, textOf, textsIn } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { plain } from '../../base/plain.ts'
import type { Finding } from '../../core/verdict.ts'

/** Of one row of `custody-proof`. That an old one is dead is no finding: `custody proof` says so. */
export function oldFindings({
  target = null,
  exposed = null,
  opens = null,
  rotates = null,
  old = null,
  holds = null,
}: JsonObject): readonly Finding[] {
  const name = textOf(target)
  const way =
    rotates === true
      ? `\`firebreak custody rotate ${name}\``
      : `make another where it was made, \`firebreak custody add ${name}\`, then take this one back there`
  const places = (Array.isArray(exposed) ? exposed : []).map((each) => textOf(each))
  const stood =
    places.length === 0
      ? []
      : [
          {
            rule: 'exposed-credential',
            message: plain(
              `\`${name}\` stood in ${places.join(', ')} when Firebreak was set up, and ${opens === true ? 'still opens (asked just now)' : 'nobody has replaced it since'}: whoever has read it there goes past Firebreak; ${way}`,
            ),
          },
        ]
  return [...stood, ...ofPlaces(name, holds), ...ofOld(name, objectOf(old))]
}

/** Places in which it lies now, found by its keyed hash. */
function ofPlaces(name: string, holds: Json): readonly Finding[] {
  const places = textsIn(holds)
  if (places.length === 0) return []
  const message = `the credential of \`${name}\` that is in custody, or an old one of it, lies in ${places.join(', ')}: an agent there can read it; take it out, then make it new`
  return [{ rule: 'raw-kept', message: plain(message) }]
}

function ofOld(name: string, { kind = null, said = null }: JsonObject): readonly Finding[] {
  if (kind === 'alive')
    return [
      {
        rule: 'old-credential-opens',
        message: plain(
          `the old credential of \`${name}\` still opens (asked just now: ${textOf(said)}): take it back at its platform`,
        ),
      },
    ]
  if (kind !== 'unclear') return []
  return [
    {
      rule: 'old-credential-unproven',
      message: plain(
        `whether the old credential of \`${name}\` is dead is not known: ${textOf(said)}`,
      ),
    },
  ]
}
