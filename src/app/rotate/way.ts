/** How the credential of one target is made new at its platform: what every such way can do. */
import type { Secret } from '../../base/secret.ts'
import type { Rotation } from '../../custody/rotation.ts'

/** What one read with a credential has shown. `refused`: for the credential itself, and for nothing else. */
export type Asked =
  | { readonly kind: 'in' }
  | { readonly kind: 'refused'; readonly said: string }
  | { readonly kind: 'unclear'; readonly said: string }

/** What a person looks at before they say yes. */
export interface Look {
  /** What would be made new, in one line. */
  readonly what: string
  /** Who else uses what would be dead, one line each. */
  readonly uses: readonly string[]
  /** What cannot be seen from here, one line each. */
  readonly unseen: readonly string[]
}

/** What stands at the platform once it has the new one. */
export interface Changed {
  readonly secret: Secret
  /** As it was: the old one opens, and the new one does not. */
  readonly putBack: () => Promise<void>
  /** Lets go of what it held on to for that. */
  readonly close: () => Promise<void>
}

export interface Way {
  /** Further targets whose credential it is: they get the new one too. */
  readonly targets: readonly string[]
  /** With the one that is to be made new. Throws `wrong_state` with why it cannot be done here. */
  readonly look: (secret: Secret) => Promise<Look>
  /** One read, changing nothing. Never throws. */
  readonly ask: (secret: Secret) => Promise<Asked>
  /** What is stored before anything is done. */
  readonly begin: (old: Secret) => Promise<Pick<Rotation, 'next' | 'label' | 'oldId'>>
  /** Has the platform take a new one. The old one may be dead from here on. */
  readonly change: (rotation: Rotation) => Promise<Changed>
  /** The same as `putBack`, for whoever finds a rotation that was cut off while the old one still opens. */
  readonly giveUp: (rotation: Rotation) => Promise<void>
  /** Takes the old one away where the change alone has not; says what a person has to do where it could not. */
  readonly takeAway: (rotation: Rotation, kept: Secret) => Promise<string | null>
  /** Why an old one is let in that should not be, where the platform asks for none at all. */
  readonly open: () => Promise<string | null>
}
