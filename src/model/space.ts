import type { Problem } from './problem.ts'
import type { Verdict } from './verdict.ts'

/** Room in a store, as far as whoever writes there may use it. */
export interface Space {
  readonly freeBytes: number
  readonly totalBytes: number
  /** How it was learned: `local`, `sftp`, `df`, `rclone`. */
  readonly way: string
  /** As the system counts them, where it counts in blocks. */
  readonly blocks?: { readonly free: number; readonly total: number; readonly bytes: number }
}

/** One look at the room, well or ill; exactly one of `space` and `problem` is there. */
export interface SpaceMeasure {
  readonly repository: string
  readonly at: Date
  readonly space?: Space
  readonly problem?: Problem
}

/** How a repository stands with its room. */
export interface SpaceStanding {
  readonly last: SpaceMeasure
  /** When it is full if it goes on like this; absent when it does not fill up, or too little is known. */
  readonly fullAt?: Date
  /** Why somebody has to look; absent while there is room. */
  readonly verdict?: Verdict
}
