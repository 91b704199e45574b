/** What of the processor time of this process belongs to which of the things that go on in it at the same time. */
import { readFileSync } from 'node:fs'

interface Going {
  /** Milliseconds. */
  share: number
}

/**
 * Processor time cannot be told apart by task inside one thread: between two moments at which a task begins or ends, each of those
 * that go on gets an equal part. The sum over all tasks is what was really spent while any went on.
 */
export class CpuShare {
  readonly #going = new Set<Going>()
  readonly #clock: () => number
  #at = 0

  /** @param clock Milliseconds spent so far. */
  constructor(clock: () => number) {
    this.#clock = clock
  }

  /** @returns What the work gave, and the milliseconds that belong to it. */
  async measure<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
    const end = this.begin()
    try {
      return [await work(), end()]
    } catch (error) {
      end()
      throw error
    }
  }

  /** @returns To be called once, at its end: the milliseconds that belong to it. */
  begin(): () => number {
    const going: Going = { share: 0 }
    this.#settle()
    this.#going.add(going)
    return () => {
      this.#settle()
      this.#going.delete(going)
      return going.share
    }
  }

  #settle(): void {
    const now = this.#clock()
    const part = (now - this.#at) / this.#going.size
    for (const going of this.#going) going.share += part
    this.#at = now
  }
}

/** Processor time of this process, all threads. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Linux counts in /proc in steps of 10 ms (USER_HZ) on every architecture Node runs on. */
const tickMs = 10

/** Processor time of the programs that this process started and that ended; 0 where there is no /proc. Source: proc(5), fields 16, 17. */
export function programCpuMs(): number {
  try {
    const line = readFileSync('/proc/self/stat', 'latin1')
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[13]) + Number(fields[14])) * tickMs
  } catch {
    return 0
  }
}
