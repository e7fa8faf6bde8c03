/** Whoever carries out what `firebreak protect` decides: the daemon where one runs, else this process, under the daemon's lock. */
import { join } from 'node:path'
import type { Config } from '../app/config.ts'
import { callControl } from '../app/socket.ts'
import { openWithoutDaemon } from '../app/without-daemon.ts'
import { FirebreakError } from '../base/error.ts'
import type { Json, JsonObject } from '../base/json.ts'

export interface Hands {
  readonly isDaemon: boolean
  readonly call: (command: string, input: JsonObject) => Promise<Json>
  readonly close: () => Promise<void>
}

/** `log` hears what would be a line of the daemon's. */
export async function openHands(config: Config, log: (line: string) => void): Promise<Hands> {
  const socket = join(config.state, 'control.sock')
  const call: Hands['call'] = async (command, input) => await callControl(socket, command, input)
  try {
    await call('power-changes', {})
    return { isDaemon: true, call, close: async () => await Promise.resolve() }
  } catch (thrown) {
    // Nobody answers: a daemon that is there and says no is another matter.
    if (!(thrown instanceof FirebreakError) || thrown.code !== 'not_reachable') throw thrown
    return { isDaemon: false, ...(await openWithoutDaemon(config, log)) }
  }
}
