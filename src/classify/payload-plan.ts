/** The reader of a plan's file, where a shell's text applies one: loaded by a hook only then. */
export { readBinaryPlan } from './plan/binary.ts'
