/** A scan in files: SARIF for programs, a picture and a page for people. */
import { resolve } from 'node:path'
import { version } from '../app/version.ts'
import { writeWhole } from '../app/whole-file.ts'
import type { Live } from '../app/scan-live.ts'
import { sarifOf } from '../scan/sarif.ts'
import type { Parsed } from './command.ts'
import { pictureOf, pictureOfPage } from './scan-page.ts'
import type { Pictured } from './scan-page.ts'
import { realClock } from '../app/world.ts'

/** Whatever of them was asked for. */
export function writeOut({ text, positionals: [folder = '.'] }: Parsed, told: Pictured): void {
  const write = (name: string, make: () => string): void => {
    const file = text(name)
    if (file !== null) writeWhole(file, make())
  }
  const { scanned, live } = told
  write('sarif', () => `${JSON.stringify(sarifOf(scanned.told, version(), sarifLive(live)))}\n`)
  write('svg', () => pictureOf(told))
  write('html', () =>
    pictureOfPage(told, { folder: resolve(folder), version: version(), at: realClock.now() }),
  )
}

const sarifLive = (live: Live | null): Parameters<typeof sarifOf>[2] =>
  live === null
    ? undefined
    : {
        about: live.about,
        credentials: new Map(live.credentials.map((each) => [each.finding.id, each])),
      }
