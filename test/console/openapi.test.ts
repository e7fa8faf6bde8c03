/** The API's document is what the code checks by: a command that changes, and not the document, fails here (`vitest -u` writes it anew). */
import { expect, test } from 'vitest'
import { openapiOf } from '../../scripts/openapi.ts'
import { openRig } from '../rig.ts'

test('docs/openapi.json is of the code as it is', async () => {
  const rig = await openRig()
  try {
    await expect(openapiOf(rig.running.commands)).toMatchFileSnapshot('../../docs/openapi.json')
  } finally {
    await rig.close()
  }
})
