/** The whole corpus: destructive and ordinary statements, each with a label that `corpus.test.ts` proves by running it. */
import type { Case } from './case.ts'
import { frameworks } from './frameworks.ts'
import { indirect } from './indirect.ts'
import { objects } from './objects.ts'
import { privileges } from './privileges.ts'
import { rows } from './rows.ts'
import { texts } from './texts.ts'

export const corpus: readonly Case[] = [
  ...rows,
  ...objects,
  ...privileges,
  ...indirect,
  ...texts,
  ...frameworks,
]
