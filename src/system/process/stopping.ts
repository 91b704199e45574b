import { killAll, stopAll } from './terminate.ts'

/** A child in an uninterruptible system call outlives KILL; nobody can wait for that. */
const afterKillMs = 5_000

/** One way to end a child: the first reason wins, then INT (or what it understands better), grace, KILL, and at last the refusal to wait any longer. */
export class Stopping {
  reason: 'cancelled' | 'timed-out' | 'stalled' | undefined
  /** Resolves when even KILL did not end the child. */
  readonly gaveUp: Promise<undefined>
  readonly #pid: number
  readonly #held: ReadonlySet<string>
  readonly #graceMs: number
  readonly #signal: 'SIGINT' | 'SIGTERM'
  #giveUp: () => void = () => {}
  #timer: NodeJS.Timeout | undefined

  constructor(pid: number, held: ReadonlySet<string>, graceMs: number, signal: 'SIGINT' | 'SIGTERM' = 'SIGINT') {
    this.#signal = signal
    this.#pid = pid
    this.#held = held
    this.#graceMs = graceMs
    this.gaveUp = new Promise((resolve) => {
      this.#giveUp = () => resolve(undefined)
    })
  }

  stop(reason: NonNullable<Stopping['reason']>): void {
    if (this.reason !== undefined) return
    this.reason = reason
    stopAll(this.#pid, this.#signal)
    this.#timer = setTimeout(() => {
      killAll(this.#pid, this.#held)
      this.#timer = setTimeout(this.#giveUp, afterKillMs)
    }, this.#graceMs)
  }

  done(): void {
    clearTimeout(this.#timer)
  }
}
