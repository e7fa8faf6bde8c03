/** Every question that is asked of the platform; each is a query of its schema, as a test proves. */

const page = 'pageInfo { hasNextPage endCursor }'
const instance =
  'id volumeId environmentId serviceId currentSizeMB isPendingDeletion mountPath state'

export const questions = {
  projects: `query ($after: String) {
    projects(first: 100, after: $after) { edges { node { id } } ${page} } }`,
  workspaceProjects: `query ($workspaceId: String!, $after: String) {
    projects(first: 100, after: $after, workspaceId: $workspaceId) { edges { node { id } } ${page} } }`,
  workspaces: 'query { apiToken { workspaces { id } } }',
  tokenProject: 'query { projectToken { projectId } }',
  project: 'query ($id: String!) { project(id: $id) { id name deletedAt } }',
  environments: `query ($id: String!, $after: String) {
    project(id: $id) { environments(first: 100, after: $after) {
      edges { node { id name projectId isEphemeral sourceEnvironment { id } } } ${page} } } }`,
  volumes: `query ($id: String!, $after: String) {
    project(id: $id) { volumes(first: 50, after: $after) {
      edges { node { id name volumeInstances(first: 100) {
        edges { node { ${instance} } } ${page} } } } ${page} } } }`,
  services: `query ($id: String!, $after: String) {
    project(id: $id) { services(first: 100, after: $after) {
      edges { node { id name } } ${page} } } }`,
  buckets: `query ($id: String!, $after: String) {
    project(id: $id) { buckets(first: 100, after: $after) {
      edges { node { id name } } ${page} } } }`,
  domains: `query ($id: String!, $after: String) {
    environment(id: $id) { serviceInstances(first: 100, after: $after) {
      edges { node { id environmentId domains {
        customDomains { id domain } serviceDomains { id domain } } } } ${page} } } }`,
  environment: `query ($id: String!) {
    environment(id: $id) { id name projectId isEphemeral sourceEnvironment { id } } }`,
  service: 'query ($id: String!) { service(id: $id) { id name projectId } }',
  deployment: `query ($id: String!) {
    deployment(id: $id) { id environmentId serviceId projectId status } }`,
  latest: `query ($environmentId: String!, $serviceId: String!) {
    serviceInstance(environmentId: $environmentId, serviceId: $serviceId) {
      latestDeployment { id } } }`,
  volumeInstance: `query ($id: String!) {
    volumeInstance(id: $id) { ${instance} volume { id name projectId } } }`,
  backups: `query ($id: String!) {
    volumeInstanceBackupList(volumeInstanceId: $id) { id name createdAt usedMB } }`,
  schedules: `query ($id: String!) {
    volumeInstanceBackupScheduleList(volumeInstanceId: $id) { kind } }`,
  staged: `query ($environmentId: String!) {
    environmentStagedChanges(environmentId: $environmentId) {
      id status patch(decryptVariables: false) } }`,
} as const
