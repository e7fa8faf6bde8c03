/** What the deploy of a template brings with it: ports and domains that open, and an existing service that it takes over. */
import { isObject } from '../../base/json.ts'
import type { Json } from '../../base/json.ts'
import { given, items, member, when } from './row.ts'
import type { Reason } from './row.ts'

/** Reasons beyond "new services are made". The platform's own format is opaque: it can only add, except to a service that the call names. */
export function templateReasons(input: Json | undefined): readonly Reason[] {
  const services = items(member(input, 'services'))
  return when(
    [
      given(input, 'existingRootServiceId'),
      {
        effect: 'destroy',
        kinds: ['overwrite', 'outage'],
        rule: 'service-taken-over',
        why: 'rebuilds a service that exists as the root of a cluster',
        instead: ['take a backup of its volume first, and deploy to a new service'],
      },
    ],
    [
      services.some(opens) || opensDeep(member(input, 'serializedConfig') ?? null, 0),
      {
        effect: 'expose',
        rule: 'template-opens-ports',
        why: 'makes a port or a domain of the new services reachable from everywhere',
      },
    ],
  )
}

function opens(service: Json): boolean {
  return (
    member(service, 'hasDomain') === true ||
    given(service, 'tcpProxyApplicationPort') ||
    items(member(service, 'tcpProxyApplicationPorts')).length > 0 ||
    items(member(service, 'serviceDomainPorts')).length > 0
  )
}

/** Looks for open networking at any depth, since the format is the platform's own. */
function opensDeep(value: Json, depth: number): boolean {
  if (depth > 64) return true
  if (!isObject(value))
    return items(value).some((item) => item !== value && opensDeep(item, depth + 1))
  return Object.entries(value).some(([key, inner]) => {
    const opening = key === 'tcpProxies' || key === 'serviceDomains'
    const filled = isObject(inner) ? Object.keys(inner).length > 0 : items(inner).length > 0
    return (opening && filled) || opensDeep(inner, depth + 1)
  })
}
