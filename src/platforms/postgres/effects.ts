/** What a kind of statement does where its text alone decides, as data: by the node of PostgreSQL's grammar. */
import type { DestroyKind, Effect } from '../../core/effect.ts'

/** One thing that a statement does. */
export interface SqlReason {
  readonly effect: Effect
  /** Only for a destroy. */
  readonly kinds?: readonly DestroyKind[]
  /** The finding's rule id. */
  readonly rule: string
  /** The finding's sentence: the statement is its subject. */
  readonly why: string
  /** What to do instead. */
  readonly instead?: readonly string[]
}

export interface SqlRow extends SqlReason {
  /** In the words of SQL. */
  readonly words: string
  readonly kind?: 'tx' | 'set'
}

const read = (words: string, why: string): SqlRow => ({
  words,
  effect: 'read',
  rule: 'sql-read',
  why,
})
const write = (words: string, why: string): SqlRow => ({
  words,
  effect: 'write',
  rule: 'sql-write',
  why,
})
const expose = (words: string, why: string): SqlRow => ({
  words,
  effect: 'expose',
  rule: 'sql-reach',
  why,
})
const lost = (words: string, kinds: readonly DestroyKind[], why: string): SqlRow => ({
  words,
  effect: 'destroy',
  kinds,
  rule: `sql-${kinds[0] ?? 'lost'}`,
  why,
})

const outside = 'connects the database with the world outside'
const meaning = 'changes what other statements mean'

/** Statements of one effect, whatever they hold. What is not here has a reader of its own, or is unread. */
export const fixedRows: { readonly [node: string]: SqlRow } = {
  VariableShowStmt: read('SHOW', 'tells a setting'),
  ListenStmt: read('LISTEN', 'waits for notices'),
  UnlistenStmt: read('UNLISTEN', 'no longer waits for notices'),
  NotifyStmt: write('NOTIFY', 'sends a notice'),
  FetchStmt: read('FETCH', 'moves a cursor'),
  ClosePortalStmt: read('CLOSE', 'closes a cursor'),
  DeallocateStmt: { ...read('DEALLOCATE', 'forgets a prepared statement'), kind: 'set' },
  DiscardStmt: { ...read('DISCARD', 'forgets what the session holds'), kind: 'set' },
  CheckPointStmt: write('CHECKPOINT', 'writes a checkpoint'),
  LoadStmt: lost('LOAD', ['exec'], 'loads a library into the server'),
  ClusterStmt: lost('CLUSTER', ['outage'], 'locks the table while it is rewritten'),
  CreateStmt: write('CREATE TABLE', 'makes a table'),
  CreateTableAsStmt: write('CREATE TABLE AS', 'makes a table of what is read'),
  CreateSeqStmt: write('CREATE SEQUENCE', 'makes a sequence'),
  CreateEnumStmt: write('CREATE TYPE', 'makes a type'),
  CompositeTypeStmt: write('CREATE TYPE', 'makes a type'),
  CreateDomainStmt: write('CREATE DOMAIN', 'makes a domain'),
  IndexStmt: write('CREATE INDEX', 'makes an index'),
  CreateStatsStmt: write('CREATE STATISTICS', 'gathers statistics'),
  AlterStatsStmt: write('ALTER STATISTICS', 'changes what statistics gather'),
  AlterPolicyStmt: expose('ALTER POLICY', 'changes who sees and changes which rows'),
  SecLabelStmt: lost('SECURITY LABEL', ['guard'], 'changes a label that guards'),
  AlterEnumStmt: write('ALTER TYPE', 'changes the values of an enum'),
  AlterTypeStmt: write('ALTER TYPE', 'changes options of a type'),
  AlterCollationStmt: write('ALTER COLLATION', 'refreshes the version'),
  AlterTSDictionaryStmt: write('ALTER TEXT SEARCH DICTIONARY', 'changes how text is searched'),
  AlterTSConfigurationStmt: write('ALTER TEXT SEARCH', 'changes how text is searched'),
  CreatedbStmt: write('CREATE DATABASE', 'makes a database'),
  AlterDatabaseRefreshCollStmt: write('ALTER DATABASE', 'refreshes the version of the collation'),
  AlterTableSpaceOptionsStmt: write('ALTER TABLESPACE', 'changes options of a tablespace'),
  AlterTableMoveAllStmt: lost('ALTER … SET TABLESPACE', ['outage'], 'locks what it moves'),
  AlterObjectDependsStmt: lost(
    'ALTER … DEPENDS ON',
    ['guard'],
    'lets a thing go with an extension',
  ),
  DropdbStmt: lost(
    'DROP DATABASE',
    ['data', 'container'],
    'drops the database with all that it holds',
  ),
  DropRoleStmt: lost(
    'DROP ROLE',
    ['account'],
    'takes a role away, perhaps the last that can log in',
  ),
  DropOwnedStmt: lost('DROP OWNED', ['data', 'container'], 'drops everything that a role owns'),
  DropTableSpaceStmt: lost('DROP TABLESPACE', ['container'], 'takes a tablespace away'),
  DropSubscriptionStmt: lost(
    'DROP SUBSCRIPTION',
    ['guard', 'backup'],
    'ends a replication and drops its slot',
  ),
  DropUserMappingStmt: lost(
    'DROP USER MAPPING',
    ['key'],
    'drops a credential that cannot be read back',
  ),
  CreateRoleStmt: expose('CREATE ROLE', 'makes a role, which is new reach'),
  AlterRoleStmt: expose('ALTER ROLE', 'changes what a role may do, or its password'),
  ReassignOwnedStmt: expose('REASSIGN OWNED', 'moves everything that a role owns'),
  AlterOwnerStmt: expose('ALTER … OWNER', 'moves the ownership'),
  CreateFdwStmt: lost('CREATE FOREIGN DATA WRAPPER', ['exec'], outside),
  AlterFdwStmt: lost('ALTER FOREIGN DATA WRAPPER', ['exec'], outside),
  CreateForeignServerStmt: expose('CREATE SERVER', outside),
  AlterForeignServerStmt: expose('ALTER SERVER', outside),
  CreateForeignTableStmt: expose('CREATE FOREIGN TABLE', outside),
  ImportForeignSchemaStmt: expose('IMPORT FOREIGN SCHEMA', outside),
  CreateUserMappingStmt: expose('CREATE USER MAPPING', outside),
  AlterUserMappingStmt: expose('ALTER USER MAPPING', outside),
  CreateSubscriptionStmt: expose('CREATE SUBSCRIPTION', outside),
  AlterSubscriptionStmt: expose('ALTER SUBSCRIPTION', outside),
  CreateEventTrigStmt: lost('CREATE EVENT TRIGGER', ['exec'], 'runs code at what others do'),
  AlterEventTrigStmt: lost('ALTER EVENT TRIGGER', ['guard'], 'switches a trigger that may guard'),
  CreatePLangStmt: lost('CREATE LANGUAGE', ['exec'], 'lets code of another language run'),
  CreateConversionStmt: lost('CREATE CONVERSION', ['exec'], meaning),
  CreateCastStmt: lost('CREATE CAST', ['exec'], meaning),
  CreateTransformStmt: lost('CREATE TRANSFORM', ['exec'], meaning),
  CreateOpClassStmt: lost('CREATE OPERATOR CLASS', ['exec'], meaning),
  CreateOpFamilyStmt: lost('CREATE OPERATOR FAMILY', ['exec'], meaning),
  AlterOpFamilyStmt: lost('ALTER OPERATOR FAMILY', ['exec'], meaning),
  AlterOperatorStmt: lost('ALTER OPERATOR', ['exec'], meaning),
  CreateAmStmt: lost('CREATE ACCESS METHOD', ['exec'], meaning),
  CreateTableSpaceStmt: lost('CREATE TABLESPACE', ['exec'], 'writes to a folder of the server'),
  AlterSystemStmt: lost('ALTER SYSTEM', ['guard'], 'changes a setting of the whole server'),
  AlterExtensionContentsStmt: lost(
    'ALTER EXTENSION',
    ['guard'],
    'changes what belongs to an extension',
  ),
}

/** Commands of a transaction. */
export const transactionRows: { readonly [kind: string]: SqlRow } = {
  TRANS_STMT_BEGIN: { ...read('BEGIN', 'begins a transaction'), kind: 'tx' },
  TRANS_STMT_START: { ...read('BEGIN', 'begins a transaction'), kind: 'tx' },
  TRANS_STMT_COMMIT: { ...read('COMMIT', 'keeps what the transaction did'), kind: 'tx' },
  TRANS_STMT_ROLLBACK: { ...read('ROLLBACK', 'takes back what the transaction did'), kind: 'tx' },
  TRANS_STMT_SAVEPOINT: { ...read('SAVEPOINT', 'marks a point'), kind: 'tx' },
  TRANS_STMT_RELEASE: { ...read('RELEASE', 'forgets a point'), kind: 'tx' },
  TRANS_STMT_ROLLBACK_TO: { ...read('ROLLBACK TO', 'goes back to a point'), kind: 'tx' },
  TRANS_STMT_PREPARE: { ...unread('PREPARE TRANSACTION'), kind: 'tx' },
  TRANS_STMT_COMMIT_PREPARED: { ...unread('COMMIT PREPARED'), kind: 'tx' },
  TRANS_STMT_ROLLBACK_PREPARED: {
    ...lost('ROLLBACK PREPARED', ['data'], 'throws work away that was promised'),
    kind: 'tx',
  },
}

function unread(words: string): SqlRow {
  return {
    words,
    effect: 'unread',
    rule: 'two-phase',
    why: 'takes the work out of the session, where its rows cannot be counted',
    instead: ['end the transaction with `COMMIT`'],
  }
}
