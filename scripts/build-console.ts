/** Builds the console's page into `console/dist`, where the daemon of a checkout serves it from. */
import { join } from 'node:path'
import { bundleConsole } from './console-bundle.ts'

await bundleConsole(join(import.meta.dirname, '..'))
