/** The reader of a plan's file, where a shell's text applies one: loaded by a hook only then. */
import { readBinaryPlan } from './plan/binary.ts'
import type { PlanRead } from './plan/change.ts'
import { readSavedPlan } from './plan/pulumi.ts'

/** As `terraform plan -out` writes it, or `pulumi preview --save-plan`: the one is a ZIP, the other JSON. Never throws: why it cannot be read is said. */
export function readPlanFile(bytes: Uint8Array): PlanRead {
  const [first] = new TextDecoder().decode(bytes.subarray(0, 64)).trimStart()
  return first === '{' ? readSavedPlan(bytes) : readBinaryPlan(bytes)
}
