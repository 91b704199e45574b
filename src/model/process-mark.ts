/** A process on a machine, told apart from a later one with the same number. */
export interface ProcessMark {
  readonly host: string
  readonly pid: number
  /** Start time in the kernel's own ticks; empty where it cannot be known. */
  readonly started: string
  /** Id of this boot of the machine; empty where it cannot be known. */
  readonly boot: string
}
