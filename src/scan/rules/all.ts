/** Every rule, the more telling first: where two see the same text, the first one's word counts. */
import type { Rule } from '../rule.ts'
import { assigned } from './assigned.ts'
import { cloud } from './cloud.ts'
import { code } from './code.ts'
import { connections } from './connections.ts'
import { typing } from './history.ts'
import { hosting } from './hosting.ts'
import { keys } from './keys.ts'
import { places } from './places.ts'
import { services } from './services.ts'
import { named } from './settings.ts'

export const rules: readonly Rule[] = [
  ...hosting,
  ...cloud,
  ...code,
  ...services,
  ...places,
  ...connections,
  ...keys,
  ...typing,
  ...named,
  ...assigned,
]
