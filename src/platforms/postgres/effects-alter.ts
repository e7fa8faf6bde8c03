/** What `ALTER TABLE` and `DROP` do, by their sub-command and by what goes. */
import type { DestroyKind } from '../../core/effect.ts'
import type { SqlReason } from './effects.ts'

const renameFirst = ['rename it first, and drop it when nothing has missed it'] as const

const lost = (
  kinds: readonly DestroyKind[],
  why: string,
  instead: readonly string[] = [],
): SqlReason => ({ effect: 'destroy', kinds, rule: `sql-${kinds[0] ?? 'lost'}`, why, instead })

const guard = (why: string): SqlReason => lost(['guard'], why)
const outage = (why: string): SqlReason => lost(['outage'], why)

/** Sub-commands that only add or tune. */
export const alterWrites: ReadonlySet<string> = new Set(
  `AT_AddColumn AT_AddColumnToView AT_ColumnDefault AT_CookedColumnDefault AT_DropNotNull AT_SetNotNull
  AT_SetStatistics AT_SetOptions AT_ResetOptions AT_SetStorage AT_SetCompression AT_AddIndex AT_AddConstraint
  AT_ValidateConstraint AT_AddIndexConstraint AT_ClusterOn AT_DropCluster AT_SetLogged AT_SetRelOptions AT_ResetRelOptions
  AT_EnableTrig AT_EnableAlwaysTrig AT_EnableTrigAll AT_EnableTrigUser AT_EnableRule AT_EnableAlwaysRule
  AT_AddInherit AT_AddOf AT_DropOf AT_ReplicaIdentity AT_EnableRowSecurity AT_ForceRowSecurity AT_AttachPartition
  AT_AddIdentity AT_SetExpression AT_DetachPartitionFinalize`.split(/\s+/),
)

/** Sub-commands that make one relation hang on another, so that it goes with it. */
export const binding: ReadonlySet<string> = new Set([
  'AT_AttachPartition',
  'AT_AddInherit',
  'AT_AddOf',
])

/** Inserts that lean on it fail; what it was stands in no row. */
export const droppedDefault: SqlReason = outage('drops a default, which inserts may lean on')

/** Sub-commands that take something away. `AT_AlterColumnType` has a reader of its own; what is in no list is unread. */
export const alterRows: { readonly [subtype: string]: SqlReason } = {
  AT_DropColumn: lost(['data'], 'drops a column with its values', [
    'rename the column first, and drop it when nothing has missed it',
  ]),
  AT_DropOids: lost(['data'], 'drops a column with its values'),
  AT_DropConstraint: guard('drops a constraint that guards the rows'),
  AT_DropExpression: guard('leaves a generated column with the values that it has now'),
  AT_AlterConstraint: guard('changes when a constraint is looked at'),
  AT_ChangeOwner: { effect: 'expose', rule: 'sql-reach', why: 'moves the ownership' },
  AT_SetUnLogged: guard('lets a crash of the server empty the table'),
  AT_DisableTrig: guard('switches a trigger off'),
  AT_DisableTrigAll: guard('switches all triggers off, those of foreign keys too'),
  AT_DisableTrigUser: guard('switches the triggers off'),
  AT_EnableReplicaTrig: guard('lets a trigger run for replication only'),
  AT_DisableRule: guard('switches a rule off'),
  AT_EnableReplicaRule: guard('lets a rule work for replication only'),
  AT_DisableRowSecurity: guard('switches the policies for rows off'),
  AT_NoForceRowSecurity: guard('frees the owner of the policies for rows'),
  AT_DropInherit: outage('takes the rows of a child out of what its parent shows'),
  AT_DetachPartition: outage('takes the rows of a partition out of what the table shows'),
  AT_SetTableSpace: outage('locks the table while it is moved'),
  AT_SetAccessMethod: outage('locks the table while it is rewritten'),
  AT_DropIdentity: lost(['data'], 'drops the sequence that numbers the rows'),
  AT_GenericOptions: {
    effect: 'expose',
    rule: 'sql-reach',
    why: 'changes where foreign rows come from',
  },
  AT_AlterColumnGenericOptions: {
    effect: 'expose',
    rule: 'sql-reach',
    why: 'changes where foreign rows come from',
  },
}

export interface DropRow extends SqlReason {
  /** What goes, in the words of SQL. */
  readonly words: string
}

const drop = (words: string, kinds: readonly DestroyKind[], why: string): DropRow => ({
  words,
  ...lost(kinds, why, renameFirst),
})
const code = 'drops what other statements run'
const typed = 'drops a type, with `CASCADE` the columns of that type too'

/** By the grammar's name of an object's type. */
export const dropRows: { readonly [type: string]: DropRow } = {
  OBJECT_TABLE: drop('TABLE', ['data'], 'drops the table with its rows'),
  OBJECT_MATVIEW: drop('MATERIALIZED VIEW', ['data'], 'drops the view with its rows'),
  OBJECT_FOREIGN_TABLE: drop('FOREIGN TABLE', ['container'], 'drops the way to rows elsewhere'),
  OBJECT_SEQUENCE: drop('SEQUENCE', ['data'], 'drops the sequence with its number'),
  OBJECT_SCHEMA: drop(
    'SCHEMA',
    ['data', 'container'],
    'drops the schema, with `CASCADE` all that it holds',
  ),
  OBJECT_EXTENSION: drop(
    'EXTENSION',
    ['data', 'container'],
    'drops the extension, with `CASCADE` the columns of its types too',
  ),
  OBJECT_TYPE: drop('TYPE', ['data'], typed),
  OBJECT_DOMAIN: drop('DOMAIN', ['data'], typed),
  OBJECT_VIEW: drop('VIEW', ['overwrite'], code),
  OBJECT_FUNCTION: drop('FUNCTION', ['overwrite'], code),
  OBJECT_PROCEDURE: drop('PROCEDURE', ['overwrite'], code),
  OBJECT_ROUTINE: drop('ROUTINE', ['overwrite'], code),
  OBJECT_AGGREGATE: drop('AGGREGATE', ['overwrite'], code),
  OBJECT_OPERATOR: drop('OPERATOR', ['overwrite'], code),
  OBJECT_OPCLASS: drop('OPERATOR CLASS', ['overwrite'], code),
  OBJECT_OPFAMILY: drop('OPERATOR FAMILY', ['overwrite'], code),
  OBJECT_CAST: drop('CAST', ['overwrite'], code),
  OBJECT_CONVERSION: drop('CONVERSION', ['overwrite'], code),
  OBJECT_COLLATION: drop('COLLATION', ['overwrite'], code),
  OBJECT_LANGUAGE: drop('LANGUAGE', ['overwrite'], code),
  OBJECT_TRANSFORM: drop('TRANSFORM', ['overwrite'], code),
  OBJECT_ACCESS_METHOD: drop('ACCESS METHOD', ['overwrite'], code),
  OBJECT_TSCONFIGURATION: drop('TEXT SEARCH CONFIGURATION', ['overwrite'], code),
  OBJECT_TSDICTIONARY: drop('TEXT SEARCH DICTIONARY', ['overwrite'], code),
  OBJECT_TSPARSER: drop('TEXT SEARCH PARSER', ['overwrite'], code),
  OBJECT_TSTEMPLATE: drop('TEXT SEARCH TEMPLATE', ['overwrite'], code),
  OBJECT_TRIGGER: drop('TRIGGER', ['guard'], 'drops a trigger that may guard the rows'),
  OBJECT_EVENT_TRIGGER: drop(
    'EVENT TRIGGER',
    ['guard'],
    'drops a trigger that may guard the database',
  ),
  OBJECT_RULE: drop('RULE', ['guard'], 'drops a rule that may guard the rows'),
  OBJECT_POLICY: drop('POLICY', ['guard'], 'drops a policy that guards the rows'),
  OBJECT_PUBLICATION: drop('PUBLICATION', ['guard', 'backup'], 'ends what replicas are fed by'),
  OBJECT_FDW: drop('FOREIGN DATA WRAPPER', ['container'], 'drops the way to rows elsewhere'),
  OBJECT_FOREIGN_SERVER: drop('SERVER', ['container'], 'drops the way to rows elsewhere'),
  OBJECT_INDEX: drop('INDEX', ['outage'], 'drops an index, which can be built again'),
  OBJECT_STATISTIC_EXT: drop(
    'STATISTICS',
    ['outage'],
    'drops statistics, which can be gathered again',
  ),
}

/** Renaming first is the safe way where a thing can be renamed. */
export const renamable: ReadonlySet<string> = new Set([
  'OBJECT_TABLE',
  'OBJECT_SCHEMA',
  'OBJECT_COLUMN',
])

/** Types that hold whatever text another type can be written as: nothing is lost in them. */
export const losslessTypes: ReadonlySet<string> = new Set(['text', 'varchar', 'json'])
