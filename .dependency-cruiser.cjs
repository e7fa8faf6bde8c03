/** The floors of ARCHITECTURE.md as rules; `test/house.test.ts` rings each alarm and counts the modules. */
const pure = '^src/(base|core|wire|platforms)/'
const floors = [
  ['base'],
  ['core', 'wire'],
  ['platforms', 'policy', 'grants', 'guard'],
  ['classify', 'inventory', 'approvals', 'vault', 'ledger', 'custody', 'notices', 'store'],
  ['gateways', 'scan'],
  ['app'],
  ['cli'],
]
const above = (index) =>
  floors
    .slice(index + 1)
    .flat()
    .join('|')
const upward = floors.slice(0, -1).map((rooms, index) => ({
  name: `no-import-up-from-${rooms.join('-')}`,
  comment: 'a floor knows nothing of the floors above it',
  severity: 'error',
  from: { path: `^src/(${rooms.join('|')})/` },
  to: { path: `^src/(${above(index)})/` },
}))
const sealedRooms = [
  'approvals',
  'vault',
  'ledger',
  'inventory',
  'store',
  'custody',
  'notices',
  'classify',
]

module.exports = {
  forbidden: [
    ...upward,
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-barrel',
      comment: 'an index file ties everything behind it into one knot',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/.*/index\\.ts$' },
    },
    {
      name: 'same-floor-core-wire',
      severity: 'error',
      from: { path: '^src/wire/' },
      to: { path: '^src/core/' },
    },
    {
      name: 'platforms-alone',
      severity: 'error',
      from: { path: '^src/platforms/' },
      to: { path: '^src/(policy|grants|guard)/' },
    },
    {
      name: 'grants-alone',
      severity: 'error',
      from: { path: '^src/grants/' },
      to: { path: '^src/(policy|platforms)/' },
    },
    {
      name: 'guard-takes-values-from-core-only',
      comment: 'the guard is handed everything else by its ports',
      severity: 'error',
      from: { path: '^src/guard/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/(policy|grants|platforms)/', dependencyTypesNot: ['type-only'] },
    },
    ...sealedRooms.map((room) => ({
      name: `sealed-room-${room}`,
      comment: 'rooms of this floor meet in app/compose.ts, nowhere else',
      severity: 'error',
      from: { path: `^src/${room}/`, pathNot: '\\.test\\.ts$' },
      to: { path: `^src/(${sealedRooms.filter((other) => other !== room).join('|')})/` },
    })),
    {
      name: 'gateways-only-read-pass-answer',
      severity: 'error',
      from: { path: '^src/gateways/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/(approvals|vault|ledger|inventory|store|custody|notices|scan)/' },
    },
    {
      name: 'one-mint',
      comment:
        'INVARIANT (one mint): only the guard makes a clearance; all others know it as a type',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(guard|core)/|\\.test\\.ts$' },
      to: { path: '^src/core/clearance\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'ports-are-types',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/guard/(ports|rows|house|passed)\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'pure-rooms-have-no-world',
      comment: 'hashing in base is the one exception',
      severity: 'error',
      from: { path: pure, pathNot: '\\.test\\.ts$' },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer'],
        pathNot: '^(node:)?crypto$',
      },
    },
    {
      name: 'hashing-only-in-base',
      severity: 'error',
      from: { path: '^src/(core|wire|platforms)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(node:)?crypto$' },
    },
    {
      name: 'no-delete-in-the-daemon',
      comment:
        'what takes things away from the vault is reached from the command for it, and from no module of the daemon',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/vault-prune\\.ts$' },
      to: { path: '^src/vault/prune\\.ts$' },
    },
    {
      name: 'no-child-process',
      comment: 'a process is started in the few files listed here',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot:
          '\\.test\\.ts$|^src/(vault/(scratch|restic-run|schema-dump)|app/fetch-programs|gateways/mcp/process|app/git-run)\\.ts$',
      },
      to: { path: '^(node:)?child_process$' },
    },
    {
      name: 'sim-knows-nothing',
      severity: 'error',
      from: { path: '^sim/' },
      to: { path: '^src/' },
    },
    {
      name: 'only-demo-knows-sim',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/demo\\.ts$|\\.test\\.ts$' },
      to: { path: '^sim/' },
    },
    {
      name: 'no-test-in-product',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(test|bench|scripts)/|\\.test\\.ts$' },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^node:sqlite$' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
}
