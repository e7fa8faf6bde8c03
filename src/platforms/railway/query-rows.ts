/** Queries whose answer is a secret, whatever they select; every other query of the schema is a read, unless a selected field is one. */
import type { Rows } from './row.ts'

const instead = ['list the names with `environment { variables { edges { node { name } } } }`']

export const exposedQueries: Rows = {
  variables: { effect: 'expose', why: 'answers with the values of variables', instead },
  variablesForServiceDeployment: {
    effect: 'expose',
    why: 'answers with the values of all variables of a service',
    instead,
  },
  bucketS3Credentials: {
    effect: 'expose',
    why: 'answers with credentials that read and write the whole bucket',
  },
  projectInviteCode: {
    effect: 'expose',
    why: 'answers with a code that lets anybody who has it into the project',
  },
}
