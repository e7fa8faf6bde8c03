/** What the guard is asked about a request over HTTP. */
import type { Json } from '../../base/json.ts'
import type { Operation } from '../../core/operation.ts'
import type { Principal } from '../../core/principal.ts'
import type { Asked } from '../../guard/ports.ts'
import type { Wishes } from './prefer.ts'
import { storeRequest } from './stored.ts'
import type { Arrived, HttpTarget } from './target.ts'

interface Asking {
  readonly principal: Principal
  readonly target: HttpTarget
  readonly arrived: Arrived
  readonly wishes: Wishes
}

/** A class, since a getter that each object has for itself costs more than all of its other members. */
export class HttpAsked implements Asked {
  readonly principal: Principal
  readonly target: string
  readonly platform: string
  readonly operations: readonly Operation[]
  readonly key: string | null
  readonly reason: string | null
  readonly #arrived: Arrived

  constructor({ principal, target, arrived, wishes }: Asking) {
    this.principal = principal
    this.target = target.name
    this.platform = target.platform
    this.operations = target.read(arrived)
    this.key = wishes.key
    this.reason = wishes.reason
    this.#arrived = arrived
  }

  /** Only what is held is stored: nothing is made of the many others. */
  get request(): Json {
    return storeRequest(this.#arrived)
  }
}
