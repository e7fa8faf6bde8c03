/** The point of the moment before an act, where every byte of WAL is received: milliseconds, whatever the act may take. */
import { newId } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import { toJson } from '../base/json.ts'
import type { ResourceRef } from '../core/resource.ts'
import type { Imaged, Settled, TakeImage } from '../guard/image.ts'
import type { RecoveryPointRow } from '../guard/rows.ts'
import { lsnText } from '../platforms/postgres/replication.ts'
import { isEnough } from './grade.ts'
import { markText, openMark } from './mark-manifest.ts'
import type { MarkManifest } from './mark-manifest.ts'
import { bestOf, tooLow } from './offsite.ts'
import type { VaultParts } from './parts.ts'
import { reasonOf } from './reason.ts'
import { toldOf, writeDown } from './write-down.ts'

/** Sets a mark and writes it down. Throws what keeps it from counting. */
export async function markBefore(
  target: string,
  covers: readonly ResourceRef[],
  parts: VaultParts,
): Promise<RecoveryPointRow> {
  const { box, marks, minimum, offsite, clock, chance, storeOn } = parts
  if (marks?.has(target) !== true)
    throw new FirebreakError('not_found', `no WAL of \`${target}\` is received`)
  const best = bestOf(offsite)
  if (!isEnough(best, minimum)) throw new FirebreakError('wrong_state', tooLow(parts, best))
  const { base, mark } = await marks.take(target, !isEnough('V1', minimum))
  const manifest: MarkManifest = {
    v: 1,
    id: newId('mark', clock.now(), chance),
    engine: 'physical',
    kind: 'mark',
    covers,
    source: target,
    takenAt: mark.at,
    bytes: 0,
    base,
    name: mark.name,
    lsn: lsnText(mark.lsn),
    timeline: mark.timeline,
    ...(mark.history === undefined ? {} : { history: mark.history }),
  }
  const text = markText(manifest)
  const staging = await box.store.stage()
  try {
    await staging.name(manifest.id, box.sealManifest(manifest.id, text))
  } finally {
    await staging.discard()
  }
  if (markText(await openMark(box, manifest.id)) !== text)
    throw new FirebreakError('broken_store', 'the manifest in the vault is not what was put')
  const on = toJson(storeOn)
  const { name, lsn } = manifest
  return await writeDown(manifest, { source: target, base, on, mark: { name, lsn } }, parts)
}

/**
 * A mark, then an image: the image undoes in place, and what no image can hold goes back with the mark. Both are of the
 * moment before the act, since what is not committed is in no copy.
 */
export async function imageUponMark(
  takeImage: TakeImage,
  given: Parameters<TakeImage>,
  parts: VaultParts,
): Promise<Imaged> {
  const [session, wanted] = given
  if (parts.marks?.has(wanted.source) !== true) return await takeImage(session, wanted)
  const marked = await tried(wanted.source, wanted.covers, parts)
  const image = await takeImage(session, wanted)
  if ('why' in marked)
    return image.kind === 'missing' ? { ...image, why: [...image.why, marked.why] } : image
  const covered: Settled = { kind: 'covered', point: toldOf(marked) }
  if (image.kind === 'missing') {
    if (image.beside.length > 0) return image
    const nothing = async (): Promise<void> => await Promise.resolve()
    return {
      kind: 'taken',
      rows: 0,
      bytes: 0,
      settle: async () => await Promise.resolve(covered),
      discard: nothing,
    }
  }
  return {
    ...image,
    settle: async () => {
      const settled = await image.settle()
      if (settled.kind === 'missing') return settled.beside.length === 0 ? covered : settled
      await besideMark(settled.point.id, marked, parts)
      return settled
    },
  }
}

/** An image undoes in place; the mark that stands with it is for who wants the whole of that moment. */
async function besideMark(
  image: string,
  { detail: { mark } }: RecoveryPointRow,
  { state }: VaultParts,
): Promise<void> {
  await state?.transact(async (tx) => {
    const row = await tx.get('point', image)
    if (row !== null && mark !== undefined)
      await tx.put('point', { ...row, detail: { ...row.detail, mark } })
  })
}

async function tried(
  target: string,
  covers: readonly ResourceRef[],
  parts: VaultParts,
): Promise<RecoveryPointRow | { readonly why: string }> {
  try {
    return await markBefore(target, covers, parts)
  } catch (thrown) {
    return { why: `no mark before it in ${target}: ${reasonOf(thrown)}` }
  }
}
