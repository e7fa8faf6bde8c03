/** What a bucket is worth: the least that the canary attack shows with any credential that anyone could hold. */
import type { Chance, Clock } from '../base/clock.ts'
import type { Grade } from '../core/recovery-point.ts'
import { gradeOfProof, isEnough } from './grade.ts'
import type { Proof } from './grade.ts'
import { attack } from './s3-attack.ts'
import type { Attacked } from './s3-attack.ts'
import type { Bucket } from './s3-bucket.ts'

export interface Attacker {
  /** The credential's name, for a person. */
  readonly name: string
  readonly bucket: Bucket
  /** Left out where the service does not know it at all; else what is not answered proves nothing. */
  readonly perhaps: boolean
}

export interface Shown extends Pick<Attacked, 'survived' | 'control' | 'answered'> {
  readonly name: string
  readonly grade: Grade
  /** What was done, and ought not to have been possible; names of calls. */
  readonly done: readonly string[]
}

export interface Graded {
  readonly grade: Grade
  readonly by: readonly Shown[]
}

/** Attacks a new canary with each. Throws where the vault's own credential cannot put one. */
export async function gradeBucket(
  bucket: Bucket,
  attackers: readonly Attacker[],
  { apart, clock, chance }: Pick<Proof, 'apart'> & { clock: Clock; chance: Chance },
): Promise<Graded> {
  const by: Shown[] = []
  for (const { name, bucket: theirs, perhaps } of attackers) {
    const { survived, control, answered, tried } = await attack(bucket, theirs, {
      lock: 'COMPLIANCE',
      clock,
      chance,
    })
    if (perhaps && tried.every(({ why }) => why.startsWith('InvalidAccessKeyId'))) continue
    const grade = gradeOfProof({ survived, control, answered, locked: true, apart })
    const done = tried.filter(({ came }) => came === 'done').map(({ call }) => call)
    by.push({ name, grade, survived, control, answered, done })
  }
  const [first, ...rest] = by
  if (first === undefined) return { grade: 'V0', by }
  const least = rest.reduce((low, { grade }) => (isEnough(grade, low) ? low : grade), first.grade)
  return { grade: least, by }
}
