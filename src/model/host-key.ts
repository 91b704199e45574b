/** Host keys of an SSH server: what it shows now, beside what is pinned. */

/** `differs`: there is another key of the same type. `revoked`: somebody wrote down that this very key was taken back. */
export type Agreement = 'agrees' | 'differs' | 'revoked' | 'unknown'

export interface HostKey {
  /** As ssh calls it: `ED25519`. */
  readonly type: string
  readonly fingerprint: string
}

/** A key that the server shows. */
export interface ShownHostKey extends HostKey {
  /** By Muster. */
  readonly pinned: Agreement
  /** In the files of the user, as ssh reads them. */
  readonly yours: Agreement
  /** In the configuration. */
  readonly configured: Agreement
  /** What speaks for or against it in the user's files: `~/.ssh/known_hosts:3`. */
  readonly where?: string
}

export interface HostKeyReport {
  /** As it was asked for. */
  readonly host: string
  /** Under which ssh looks it up: `box`, `[box]:23`. */
  readonly name: string
  readonly banner?: string
  readonly keys: readonly ShownHostKey[]
  /** Pinned, and not shown by the server. */
  readonly missing: readonly HostKey[]
  /** Something else than Muster changed what was pinned. */
  readonly changed: boolean
}

/** What is pinned for one server. */
export interface PinnedHost {
  readonly name: string
  readonly keys: readonly HostKey[]
  readonly changed: boolean
}

/** Whether anything that is pinned speaks against a key. */
export const isContradicted = ({ pinned, yours, configured }: ShownHostKey): boolean =>
  [pinned, yours, configured].some((agreement) => agreement === 'differs' || agreement === 'revoked')

/** Whether somebody trusted it before. */
export const isVouchedFor = (key: ShownHostKey): boolean =>
  !isContradicted(key) && [key.pinned, key.yours, key.configured].includes('agrees')
