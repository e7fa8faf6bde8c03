/** A hold of the incident, as `hold-show` gives it. */
import { shownDigest } from '../../src/approvals/show.ts'
import type { JsonObject } from '../../src/base/json.ts'

export function exampleHold(): JsonObject {
  const text = 'hold_a1: open\nwould run  volumeDelete {"volumeId":"v1"} on railway'
  const thing = { type: 'volume', id: 'v1', environment: 'production' }
  return {
    id: 'hold_a1',
    state: 'open',
    principal: 'agent:cursor',
    target: 'railway',
    operation: 'volumeDelete',
    digest: `sha256:${'a'.repeat(64)}`,
    requestedAt: Date.now() - 60_000,
    expiresAt: Date.now() + 4 * 3_600_000,
    executesAt: null,
    approvals: 0,
    approvalsNeeded: 1,
    recoveryPoints: [],
    closing: null,
    text,
    shown: shownDigest(text),
    confirm: 'bookings-data',
    short: null,
    lost: null,
    detail: {
      operations: [
        {
          name: 'volumeDelete',
          target: 'railway',
          effect: 'destroy',
          kinds: ['data'],
          shown: { volumeId: 'v1' },
        },
      ],
      resources: [
        { ...thing, name: 'bookings-data', bytes: 4_200_000_000 },
        { ...thing, id: 'v2', name: '<img src=x onerror=alert(1)>', bytes: 9000 },
      ],
      backups: [{ ...thing, type: 'backup', id: 'b1', name: 'daily', bytes: 4_000_000_000 }],
      left: [],
      environments: ['production', 'staging'],
      unknown: [],
      rows: null,
      findings: [{ rule: 'data', message: 'it deletes a volume of production' }],
      alternatives: ['detach the volume instead'],
      principal: { name: 'agent:cursor', chain: ['agent:helper'], mintedBy: 'ada' },
      reason: 'clean up \u202Estale',
      graceMs: 48 * 3_600_000,
      needsRecoveryPoint: true,
      points: [
        {
          id: 'rp_1',
          engine: 'files',
          grade: 'V1',
          takenAt: Date.now() - 3_600_000,
          verifiedAt: Date.now(),
          drilledAt: null,
        },
      ],
    },
  }
}
