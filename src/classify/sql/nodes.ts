/** The nodes of PostgreSQL's grammar that hold nothing but expressions, names and clauses: their children are walked. All others have a reader, or are unread. */

export const plainNodes: ReadonlySet<string> = new Set(
  `A_ArrayExpr A_Const A_Expr A_Indices A_Indirection A_Star AccessPriv Alias BitString BoolExpr Boolean BooleanTest CaseExpr
  CaseWhen CoalesceExpr CollateClause ColumnDef ColumnRef CommonTableExpr Constraint CTECycleClause CTESearchClause
  CreateOpClassItem CurrentOfExpr DefElem Float FuncCall FunctionParameter GroupingFunc GroupingSet IndexElem InferClause
  Integer IntoClause JoinExpr JsonAggConstructor JsonArgument JsonArrayAgg JsonArrayConstructor JsonArrayQueryConstructor
  JsonBehavior JsonFormat JsonFuncExpr JsonIsPredicate JsonKeyValue JsonObjectAgg JsonObjectConstructor JsonOutput
  JsonParseExpr JsonReturning JsonScalarExpr JsonSerializeExpr JsonTable JsonTableColumn JsonTablePathSpec JsonValueExpr
  List LockingClause MergeSupportFunc MergeWhenClause MinMaxExpr MultiAssignRef NamedArgExpr NullTest ObjectWithArgs
  OnConflictClause ParamRef PartitionBoundSpec PartitionCmd PartitionElem PartitionRangeDatum PartitionSpec
  PublicationObjSpec PublicationTable RangeFunction RangeSubselect RangeTableFunc RangeTableFuncCol RangeTableSample
  RangeVar ReplicaIdentityStmt ResTarget ReturningClause ReturningOption RoleSpec RowExpr SetToDefault SortBy SQLValueFunction
  StatsElem String SubLink TableLikeClause TriggerTransition TypeCast TypeName VacuumRelation WindowDef WithClause XmlExpr
  XmlSerialize AlterTableCmd ATAlterConstraint`.split(/\s+/),
)

/** Statements that can stand inside others. */
export const queryNodes: ReadonlySet<string> = new Set([
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
])
