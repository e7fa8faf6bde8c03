/** The order of the test files: the longest begin first, so that none of them is alone at the end while the other workers are idle. */
import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'

/** Those of twenty seconds and more, with what they do before their first test. Where a run before has left its times, the rest is in order too. */
const longest = [
  'vault/damage-s3',
  'vault/damage-disk',
  'vault/restic',
  'vault/backups',
  'postgres/clients',
  'postgres/schedules',
  'postgres/image',
  'console/page',
  'faults/kill-steps',
  'faults/kill-approve',
  'package',
  'cli',
  'postgres/runner',
  'hooks/pushes',
  'vault/physical-take',
  'vault/physical-kill',
  'console/people',
  'vault/sql-way',
  'postgres/gate-corpus',
  'formal',
  'vault/retention-daemon',
  'vault/physical-restore',
  'console/recovery',
  'vault/tail',
  'cli-restore',
  'notify-kill',
  'vault/logical-dump',
  'vault/drill',
  'postgres/gate-incidents',
  'postgres/corpus-read',
  'faults/full-disk',
  'house',
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
