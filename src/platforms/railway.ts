/** Railway, told as data: where it answers, what its operations do, and how to ask what hangs on a thing. */
import type { GraphqlPlatform } from './platform.ts'
import { hasHappened } from './railway/happened.ts'
import { judgeField, knownFields } from './railway/judge.ts'
import { surveyed } from './railway/survey.ts'

export const railway: GraphqlPlatform = {
  kind: 'graphql',
  name: 'railway',
  hosts: ['backboard.railway.com', 'backboard.railway.app'],
  path: '/graphql/v2',
  // Account and workspace tokens; a token of one project and environment counts only in the second.
  headers: [
    { name: 'authorization', prefix: 'Bearer ' },
    { name: 'project-access-token', prefix: '' },
  ],
  operations: knownFields,
  judge: judgeField,
  survey: surveyed,
  happened: hasHappened,
}
