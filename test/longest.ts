/** The order of the test files: the longest begin first, so that none of them is alone at the end while the other workers are idle. */
import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'

/** Those of twenty seconds and more, with what they do before their first test. Where a run before has left its times, the rest is in order too. */
const longest = [
  'package',
  'vault/damage-s3',
  'cli',
  'postgres/image',
  'vault/damage-disk',
  'faults/kill-steps',
  'faults/kill-approve',
  'postgres/runner',
  'attack/postgres-attsql',
  'formal',
  'postgres/gate-corpus',
  'attack/postgres-third',
  'postgres/clients',
  'vault/backups',
  'vault/physical-kill',
  'attack/postgres-sequences',
  'postgres/schedules',
  'vault/physical-take',
  'vault/physical-restore',
  'postgres/corpus-read',
  'cli-restore',
  'postgres/gate-incidents',
  'vault/drill',
  'faults/full-disk',
].map((name) => `/test/${name}.test.ts`)

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rest = await super.sort(files)
    return rest.toSorted((a, b) => rank(a) - rank(b))
  }
}

function rank({ moduleId }: TestSpecification): number {
  const at = longest.findIndex((name) => moduleId.endsWith(name))
  return at === -1 ? longest.length : at
}
