/** The views of the page, in the order of its navigation: a line each. */
import type { JSX } from 'preact'
import { Custody } from './custody.tsx'
import { DecisionsPage } from './decisions.tsx'
import { Doctor } from './doctor.tsx'
import { Grants } from './grants.tsx'
import { IncidentPage } from './incident.tsx'
import { Later } from './later.tsx'
import { Ledger } from './ledger.tsx'
import { MapPage } from './map.tsx'
import { Now } from './now.tsx'
import { People } from './people.tsx'
import { PolicyPage } from './policy.tsx'
import { Recovery } from './recovery.tsx'
import type { Route } from './route.ts'

export interface Place {
  /** Behind `#/`. */
  readonly at: string
  readonly key: string
  readonly name: string
  readonly View: () => JSX.Element
}

const now: Place = { at: 'now', key: 'n', name: 'Now', View: Now }

export const places: readonly Place[] = [
  now,
  { at: 'later', key: 'l', name: 'Later', View: Later },
  { at: 'recovery', key: 'r', name: 'Recovery', View: Recovery },
  { at: 'map', key: 'm', name: 'Map', View: MapPage },
  { at: 'grants', key: 'g', name: 'Grants', View: Grants },
  { at: 'custody', key: 'u', name: 'Custody', View: Custody },
  { at: 'policy', key: 'y', name: 'Policy', View: PolicyPage },
  { at: 'ledger', key: 'e', name: 'Ledger', View: Ledger },
  { at: 'decisions', key: 'c', name: 'Decisions', View: DecisionsPage },
  { at: 'people', key: 'w', name: 'People', View: People },
  { at: 'doctor', key: 'o', name: 'Doctor', View: Doctor },
  { at: 'incident', key: 'i', name: 'Incident', View: () => <IncidentPage of={null} /> },
]

/** What stands at an address; what is not known there is Now. */
export function placeOf(route: Route): Place {
  if (route.kind === 'incident') return places.find(({ at }) => at === 'incident') ?? now
  if (route.kind === 'entry') return places.find(({ at }) => at === 'ledger') ?? now
  return (route.kind === 'place' ? places.find(({ at }) => at === route.at) : null) ?? now
}
