/** Every rule, the more telling first: where two see the same text, the first one's word counts. */
import type { Rule } from '../rule.ts'
import { cloud } from './cloud.ts'
import { code } from './code.ts'
import { connections } from './connections.ts'
import { hosting } from './hosting.ts'
import { keys } from './keys.ts'
import { services } from './services.ts'

export const rules: readonly Rule[] = [
  ...hosting,
  ...cloud,
  ...code,
  ...services,
  ...connections,
  ...keys,
]
