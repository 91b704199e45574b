/** Variables of the environment, read with the defaults of the script; what is wrong with them is gathered, all of it. */
import type { ConfigFinding } from '../../finding.ts'
import { nearest } from '../../nearest.ts'
import type { Why } from './words.ts'

/** Names whose values are shown to nobody. */
const hidden = /PASS|SECRET|TOKEN|CREDS|(?:^|_)KEY(?:_|$)|REPOSITORY|URL|COMMAND|HOOK|PARAMETERS/

export class Variables {
  readonly errors: ConfigFinding[] = []
  readonly warnings: ConfigFinding[] = []
  readonly #given: Readonly<Record<string, string | undefined>>

  constructor(given: Readonly<Record<string, string | undefined>>) {
    this.#given = given
  }

  get names(): readonly string[] {
    return Object.keys(this.#given)
  }

  /** Undefined where it is not set, or empty: the script makes no difference. */
  text(name: string): string | undefined {
    const value = this.#given[name]
    return value === undefined || value.trim() === '' ? undefined : value
  }

  flag(name: string, usual: boolean): boolean {
    const text = this.text(name)?.trim()
    if (text === undefined) return usual
    if (text !== 'true' && text !== 'false')
      this.wrong(name, { message: `${this.show(name)} is neither true nor false`, next: 'Write true or false.' })
    return text === 'true'
  }

  /** Whether something is switched on; also where the switch is wrong, so that all else that is wrong is told with it. */
  isWanted(name: string): boolean {
    return this.flag(name, false) || !['false', undefined].includes(this.text(name)?.trim())
  }

  /** A whole number; `unlimited` and -1, as restic takes them, are the largest there is. */
  count(name: string, usual: number, most: number): number {
    const text = this.text(name)?.trim()
    if (text === undefined) return usual
    if (text === 'unlimited' || text === '-1') return most
    if (/^\d{1,6}$/.test(text) && Number(text) <= most) return Number(text)
    const next = `Write a number from 0 to ${most}, such as ${usual}, or unlimited.`
    this.wrong(name, { message: `${this.show(name)} is no such number`, next })
    return usual
  }

  wrong(name: string, { message, next }: Why): void {
    this.errors.push({ path: [name], message, next })
  }

  unwise(name: string, { message, next }: Why): void {
    this.warnings.push({ path: [name], message, next })
  }

  /** A value for people. */
  show(name: string): string {
    if (hidden.test(name)) return 'this value'
    const text = this.text(name) ?? ''
    return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text)
  }

  /** Names that look like ours and are not: `KEEP_DAYLY`. Kubernetes adds some of its own for every service. */
  unknown(known: readonly string[], ours: RegExp): void {
    for (const name of this.names) {
      if (!ours.test(name) || known.includes(name) || /_SERVICE_(?:HOST|PORT)|_PORT(?:_|$)/.test(name)) continue
      const near = nearest(name, known)
      const next = near === undefined ? 'Take it out.' : `Did you mean ${near}?`
      this.unwise(name, { message: 'is no variable that anything reads', next })
    }
  }
}
