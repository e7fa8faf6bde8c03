/** A way out whose server may refuse the credential: then it is renewed, and the same is sent once more. */
import type { Dispatcher } from 'undici'
import { FirebreakError } from '../../base/error.ts'
import type { Secret } from '../../base/secret.ts'
import type { Upstream } from '../http/upstream.ts'

export interface Renewing {
  readonly upstream: Upstream
  /** The credential that is good now; null where none can be had. Never throws. */
  readonly renew: (refused: Secret) => Promise<Secret | null>
  /** Hears of the new one, before anything is sent or comes back with it. */
  readonly took: (fresh: Secret) => void
}

/**
 * A request that was refused for its credential (RFC 9110 §15.5.2) has done nothing, so to send it anew is no second run.
 * INVARIANT (secret-stays): no 401 of a server goes back: a client would log in there by itself, past us, and hold the real token.
 */
export function openRenewed({ upstream, renew, took }: Renewing): Upstream {
  let current: Secret | null = null
  return {
    close: () => upstream.close(),
    send: (outgoing, given, handler) => {
      const credential = current ?? given
      const again = async (controller: Dispatcher.DispatchController): Promise<void> => {
        const fresh = credential === null ? null : await renew(credential)
        if (fresh === null) {
          handler.onResponseError?.(controller, refused(credential))
          return
        }
        current = fresh
        took(fresh)
        upstream.send(
          outgoing,
          fresh,
          unless(handler, (end) => {
            handler.onResponseError?.(end, refused(fresh))
          }),
        )
      }
      upstream.send(
        outgoing,
        credential,
        unless(handler, (controller) => void again(controller)),
      )
    },
  }
}

/** What is read of a refusal, for the connection's sake. */
const mostRefused = 64_000

/** Hands on what comes, but a 401: of that nothing goes on, and `refuse` hears of its end. */
function unless(
  handler: Dispatcher.DispatchHandler,
  refuse: (controller: Dispatcher.DispatchController) => void,
): Dispatcher.DispatchHandler {
  let isRefused = false
  let bytes = 0
  return {
    onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
    onResponseStart: (controller, status, headers, text) => {
      isRefused = status === 401
      if (!isRefused) handler.onResponseStart?.(controller, status, headers, text)
    },
    onResponseData: (controller, chunk) => {
      if (!isRefused) {
        handler.onResponseData?.(controller, chunk)
        return
      }
      bytes += chunk.length
      if (bytes > mostRefused) controller.abort(new Error('its refusal has no end'))
    },
    onResponseEnd: (controller, trailers) => {
      if (isRefused) refuse(controller)
      else handler.onResponseEnd?.(controller, trailers)
    },
    onResponseError: (controller, error) => {
      if (isRefused) refuse(controller)
      else handler.onResponseError?.(controller, error)
    },
  }
}

function refused(credential: Secret | null): FirebreakError {
  const why =
    credential === null
      ? 'it asks for a credential, and the config says that it takes none'
      : 'it refuses the credential that is kept for it, and nothing renews that'
  return new FirebreakError('not_reachable', why, 'firebreak custody login TARGET')
}
