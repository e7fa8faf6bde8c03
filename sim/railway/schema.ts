/** The schema with its resolvers attached; every mutation passes through one place that counts and writes it down. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSchema, isObjectType, type GraphQLSchema } from 'graphql'
import type { Args } from './args.ts'
import { accountChanges } from './change-account.ts'
import { environmentChanges } from './change-environment.ts'
import { projectChanges } from './change-project.ts'
import { serviceChanges } from './change-service.ts'
import { settingChanges } from './change-setting.ts'
import { volumeChanges } from './change-volume.ts'
import {
  apiTokenFields,
  auditFields,
  backupFields,
  bucketFields,
  customDomainFields,
  deploymentFields,
  environmentFields,
  patchFields,
  projectFields,
  projectTokenFields,
  scheduleFields,
  serviceDomainFields,
  serviceFields,
  serviceInstanceFields,
  userFields,
  volumeFields,
  volumeInstanceFields,
  workspaceFields,
  type Fields,
} from './fields.ts'
import type { Context, Mutate, Place } from './ground.ts'
import { queries } from './queries.ts'

/** Told of every mutation: when it is tried, and when it took effect. */
export interface Book {
  tried(name: string): void
  took(name: string, args: Args, place: Place, context: Context): void
}

/** The text of the schema, as it stands beside this file. */
export function schemaText(): string {
  return readFileSync(join(import.meta.dirname, 'schema.graphql'), 'utf8')
}

/** The schema ready to execute. */
export function rehearsalSchema(book: Book): GraphQLSchema {
  const schema = buildSchema(schemaText())
  attach(schema, 'User', userFields)
  attach(schema, 'Workspace', workspaceFields)
  attach(schema, 'Project', projectFields)
  attach(schema, 'Environment', environmentFields)
  attach(schema, 'EnvironmentPatch', patchFields)
  attach(schema, 'Service', serviceFields)
  attach(schema, 'ServiceInstance', serviceInstanceFields)
  attach(schema, 'Deployment', deploymentFields)
  attach(schema, 'CustomDomain', customDomainFields)
  attach(schema, 'ServiceDomain', serviceDomainFields)
  attach(schema, 'Volume', volumeFields)
  attach(schema, 'VolumeInstance', volumeInstanceFields)
  attach(schema, 'VolumeInstanceBackup', backupFields)
  attach(schema, 'VolumeInstanceBackupSchedule', scheduleFields)
  attach(schema, 'Bucket', bucketFields)
  attach(schema, 'ApiToken', apiTokenFields)
  attach(schema, 'ProjectToken', projectTokenFields)
  attach(schema, 'AuditLog', auditFields)
  attach(schema, 'Query', overRoot(queries))
  attach(schema, 'Mutation', overRoot(booked(book)))
  return schema
}

/** Names of the mutations that the platform can carry out. */
export function mutationNames(): readonly string[] {
  return Object.keys(changes())
}

function changes(): Readonly<Record<string, Mutate>> {
  return {
    ...projectChanges,
    ...environmentChanges,
    ...serviceChanges,
    ...settingChanges,
    ...volumeChanges,
    ...accountChanges,
  }
}

function booked(book: Book): Readonly<Record<string, (args: Args, context: Context) => unknown>> {
  const pairs = Object.entries(changes()).map(([name, mutate]) => [
    name,
    (args: Args, context: Context): unknown => {
      book.tried(name)
      const { value, place } = mutate(args, context)
      book.took(name, args, place, context)
      return value
    },
  ])
  return Object.fromEntries(pairs)
}

function overRoot(
  roots: Readonly<Record<string, (args: Args, context: Context) => unknown>>,
): Fields<unknown> {
  const pairs = Object.entries(roots).map(([name, resolve]) => [
    name,
    (_: unknown, args: Args, context: Context): unknown => resolve(args, context),
  ])
  return Object.fromEntries(pairs)
}

function attach<T>(schema: GraphQLSchema, name: string, fields: Fields<T>): void {
  const type = schema.getType(name)
  if (!isObjectType(type)) throw new Error(`no type ${name} in the rehearsal schema`)
  for (const [field, resolve] of Object.entries(fields)) {
    const known = type.getFields()[field]
    if (known === undefined) throw new Error(`no field ${name}.${field} in the rehearsal schema`)
    known.resolve = resolve
  }
}
