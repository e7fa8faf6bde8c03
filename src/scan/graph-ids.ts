/** Ids of the graph's nodes. */
import type { Does } from './reach/reach.ts'

/** INVARIANT (one id, one node): an account may have any name, and two names and ids never come to one text. */
const apart = (account: string): string => account.replaceAll('%', '%25').replaceAll('/', '%2F')

export const credentialId = (finding: string): string => `credential:${finding}`
export const resourceId = (account: string, id: string): string =>
  `resource:${apart(account)}/${id}`
export const environmentId = (account: string, name: string): string =>
  `environment:${apart(account)}/${name}`
export const backupId = (account: string, id: string): string => `backup:${apart(account)}/${id}`
export const operationId = (finding: string, does: Does, operation: string): string =>
  `operation:${finding}/${does}/${operation}`
